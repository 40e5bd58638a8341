/** Fragment: a typed, capped piece of context that the model sees as a message of its own. */

/** What its text says now: the newest of a name counts. */
export interface Fragment {
  readonly name: "permissions" | "developer_instructions" | "agents_md" | "environment" | "notice";
  readonly role: "developer" | "user";
  readonly text: string;
}
