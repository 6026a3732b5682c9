import { InvalidArgumentError, Option, type Command as Parser } from "commander";

/** Which registration is meant; undefined: it was not said. */
export interface RegistrationOptions {
  readonly scope: "user" | "project" | undefined;
  readonly name: string | undefined;
}

export const USUAL_NAME = "mcpfier";

export function declareRegistration(parser: Parser): void {
  parser.addOption(
    new Option("--scope <scope>", "the user's file, or that of the project in this folder (default: user)").choices([
      "user",
      "project",
    ]),
  );
  parser.option("--name <name>", `what the server is called there (default: ${USUAL_NAME})`, nameOf);
}

export function registrationOf(options: Readonly<Record<string, unknown>>): RegistrationOptions {
  return {
    scope: options["scope"] as RegistrationOptions["scope"],
    name: options["name"] as string | undefined,
  };
}

export function listOf(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(",").filter((name) => name !== "")];
}

/** Why a server cannot be called this; undefined: every client takes it. */
export function nameFault(text: string): string | undefined {
  return /^[\w-]{1,64}$/.test(text) ? undefined : "expected up to 64 letters, digits, `-` and `_`, such as mcpfier";
}

function nameOf(text: string): string {
  const fault = nameFault(text);
  if (fault !== undefined) throw new InvalidArgumentError(fault);
  return text;
}
