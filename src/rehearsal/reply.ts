/** Reply: what the planner answers, and the tools it may answer with. */
import { isRecord } from "../wire/item.ts";

export interface ToolUse {
  readonly kind: "function" | "custom";
  readonly name: string;
  /** JSON text of a function call, free text of a custom one. */
  readonly input: string;
}

export interface Reply {
  readonly text: string;
  readonly calls: readonly ToolUse[];
}

/** The tools of a request that the planner knows how to use. */
export class Tools {
  readonly #specs = new Map<string, Record<string, unknown>>();

  constructor(specs: unknown) {
    for (const spec of Array.isArray(specs) ? specs : []) {
      if (isRecord(spec) && typeof spec.name === "string") this.#specs.set(spec.name, spec);
    }
  }

  has(name: string): boolean {
    return this.#specs.has(name);
  }

  /** A call of a tool whose one argument that matters is called `argument`, unless its schema requires another. */
  use(name: string, argument: string, value: unknown): ToolUse {
    const spec = this.#specs.get(name);
    if (spec?.type === "custom") return { kind: "custom", name, input: String(value) };
    const schema = isRecord(spec?.parameters) ? spec.parameters : {};
    const properties = isRecord(schema.properties) ? Object.keys(schema.properties) : [];
    const key = properties.includes(argument) || properties.length === 0 ? argument : properties[0]!;
    return { kind: "function", name, input: JSON.stringify({ [key]: value }) };
  }

  /** A function call with its arguments as they are. */
  call(name: string, input: Record<string, unknown>): ToolUse {
    return { kind: "function", name, input: JSON.stringify(input) };
  }
}

export const say = (text: string): Reply => ({ text, calls: [] });
