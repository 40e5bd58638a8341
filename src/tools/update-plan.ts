/** update_plan: the model's list of what it means to do, so that people and the ledger can follow it. */
import type { Tool } from "../engine/ports.ts";
import { isRecord } from "../wire/item.ts";
import { readArguments } from "./arguments.ts";
import { refuse } from "./exec-command.ts";

const STATES = ["pending", "in_progress", "completed"];
const SHAPE = { explanation: "string?", plan: "list" } as const;

const PARAMETERS = {
  type: "object",
  properties: {
    explanation: { type: "string" },
    plan: {
      type: "array",
      items: {
        type: "object",
        properties: { step: { type: "string" }, status: { type: "string", enum: STATES } },
        required: ["step", "status"],
      },
    },
  },
  required: ["plan"],
};

export const createUpdatePlan = (): Tool => ({
  spec: {
    type: "function",
    name: "update_plan",
    description: "Replace the plan: short steps in order, at most one in_progress.",
    parameters: PARAMETERS,
    strict: false,
  },
  parallel: false,
  describe(input) {
    const read = readArguments(input, SHAPE);
    return read.ok ? `plan: ${countDone(read.values.plan)} of ${read.values.plan.length} done` : "plan";
  },
  async run(input) {
    const read = readArguments(input, SHAPE);
    const problem = read.ok ? planProblem(read.values.plan) : read.message;
    if (!read.ok || problem !== null) return refuse(`The plan was not updated. ${problem}`);
    const { plan } = read.values;
    return { output: `plan updated: ${countDone(plan)} of ${plan.length} done`, result: { ok: true } };
  },
});

const statusOf = (step: unknown): unknown => (isRecord(step) ? step.status : undefined);
const countDone = (plan: readonly unknown[]): number => plan.filter((step) => statusOf(step) === "completed").length;

/** One sentence, or null when the plan is fine. */
function planProblem(plan: readonly unknown[]): string | null {
  for (const [index, step] of plan.entries()) {
    if (!isRecord(step)) return `"plan[${index}]" is no object; expected {"step", "status"}.`;
    if (typeof step.step !== "string") return `"plan[${index}].step" is missing; expected a string.`;
    if (typeof step.status !== "string" || !STATES.includes(step.status)) {
      return `"plan[${index}].status" must be one of ${STATES.join(", ")}.`;
    }
  }
  const active = plan.filter((step) => statusOf(step) === "in_progress").length;
  return active > 1 ? `"plan" has ${active} steps in_progress; expected at most one.` : null;
}
