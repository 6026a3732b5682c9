/**
 * Takes bytes as they come; a promise slows their source down until it resolves. The bytes are the sink's only until then: it
 * copies what it keeps, for their memory is used again.
 */
export type Sink = (chunk: Buffer) => void | Promise<void>;
