import type { Duplex } from "node:stream";

/** Takes bytes that are its own only until it resolves. */
export type FrameSink = (chunk: Buffer) => void | Promise<void>;

/** `truncated`: the stream ended inside a frame; `desynced`: a header that is none; `cut`: the connection broke or `stop` was called. */
export type FramesEnd = "whole" | "truncated" | "desynced" | "cut";

export interface Frames {
  /** Never rejects. */
  readonly end: Promise<FramesEnd>;
  /** Destroys the stream. */
  stop(): void;
}

export function readFrames(
  _stream: Duplex,
  _sinks: { readonly stdout: FrameSink; readonly stderr: FrameSink },
): Frames {
  throw new Error("being written");
}
