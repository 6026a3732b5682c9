/**
 * Why an engine did not do what it was asked. `down`: it could not be reached, so nothing was asked of it; `lost`: the connection
 * broke after the question, so nobody knows what it did; `slow`: no answer before the deadline, likewise; `denied`: it said no.
 */
export type FaultKind = "down" | "lost" | "slow" | "denied";

/** The one error of `src/containers` beside a refusal. */
export class EngineFault extends Error {
  readonly kind: FaultKind;
  /** The HTTP status of a `denied`. */
  readonly status: number | null;

  constructor(kind: FaultKind, message: string, status: number | null = null) {
    super(message);
    this.name = "EngineFault";
    this.kind = kind;
    this.status = status;
  }
}
