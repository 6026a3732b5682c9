/** What stops a program besides its timeout and its caller. */
export type LimitName = "memory" | "cpu" | "processes" | "open_files" | "file_size";
