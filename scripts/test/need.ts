/** Something of the machine that a suite cannot do without, such as a browser or a broker. */
export interface Need {
  readonly name: string;
  /** Why a suite wants the real thing, for the person whose disk it lands on. */
  readonly why: string;
  /** Says where it was found, or `undefined`. */
  find(): string | undefined;
  /** How this machine would get it. */
  plan(): Plan;
}

export interface Plan {
  /** What is downloaded and by which command, for people to read. */
  readonly what: string;
  readonly commands: readonly (readonly [command: string, ...args: string[]])[];
}
