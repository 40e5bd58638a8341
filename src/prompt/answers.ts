/** Answers: what the model reads where no tool has spoken. Each says what to do next. */

export const unknownTool = (name: string, known: readonly string[]): string =>
  `There is no tool "${name}". The tools are: ${known.join(", ")}.`;

export const NOT_RUN = "Interrupted, not run: the turn was stopped before this call began.";

export const OUTCOME_UNKNOWN =
  "Interrupted: the outcome is unknown. The program stopped while this ran, so it may have taken effect in part or in whole. Look at the state of things before doing it again.";

export const secretInArguments = (name: string): string =>
  `Not run: its input holds the placeholder [secret:${name}], which stands for a secret that is kept from you and would be written as it stands. Take the value from the environment inside the command, or leave that line as it is.`;
