/**
 * Fact survival: folds recorded sessions with the engine's own code and writes what the model would see.
 *
 *   npm run eval:facts                                        the sessions in eval/, then the scorer's table
 *   npm run eval:facts -- --sessions DIR --boundaries FILE --queries FILE --out DIR [--rung digest] [--limit 80000]
 *
 * Format      views.jsonl {"sid","boundary","text"}; recall.jsonl {"pid","boundary","results"} (eval/README.md)
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { budgetFor } from "../src/compact/budget.ts";
import { measure } from "../src/compact/measure.ts";
import { foldNow } from "../src/engine/fold.ts";
import type { Ports } from "../src/engine/ports.ts";
import { openSession, record, type Session } from "../src/engine/session.ts";
import type { Draft, Entry } from "../src/thread/entry.ts";
import { show, showHead } from "../src/thread/view.ts";
import { callInput, contentText, type Item, isCall, isOutput, message } from "../src/wire/item.ts";

interface Recorded {
  readonly seq: number;
  readonly type: string;
  readonly role?: "user" | "assistant";
  readonly text?: string;
  readonly name?: string;
  readonly call_id?: string;
  readonly arguments?: string;
  readonly output?: string;
  readonly is_error?: boolean;
  readonly synthetic?: boolean;
  readonly compact_summary?: boolean;
}

interface Boundary {
  readonly sid: string;
  readonly boundary: string;
  readonly seq: number;
  readonly kind: string;
}

const lines = <T>(file: string): T[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): T => JSON.parse(line));

/** A session that records into memory and asks no model. */
async function newSession(limit: number): Promise<Session> {
  const result = budgetFor(limit);
  if (result.kind !== "ok") throw new RangeError(result.message);
  const entries: Entry[] = [];
  const nothing = async function* () {};
  const ports: Ports = {
    log: { append: (more) => void entries.push(...more), read: nothing },
    model: { stream: nothing },
    clock: { now: () => 0 },
    inbox: { take: () => [] },
    tools: [],
    hash: (text) => createHash("sha256").update(text).digest("hex"),
    mask: (text) => text,
  };
  return openSession(ports, {
    thread: "eval",
    target: { provider: "eval", family: "eval", limit, images: false, seals: false },
    budget: result.budget,
    settings: { model: "eval", cacheKey: "eval", parallelToolCalls: true, reasoning: null },
    base: "",
    place: "instructions",
    fragments: [],
    cwd: "",
    policy: "",
    hasRecall: false,
    maxRequests: 0,
    maxTokens: 0,
  });
}

/** The entries that a recorded item is in a log of ours; a compaction by the other agent is none. */
function draftsOf(item: Recorded, session: Session): Draft[] {
  if (item.compact_summary || item.type === "compaction") return [];
  const one = (wire: Item, more: object = {}): Draft => ({ kind: "item", item: wire, ...more });
  const id = item.call_id ?? `call_${item.seq}`;
  switch (item.type) {
    case "message": {
      const text = item.text ?? "";
      if (item.role === "assistant") return text.trim() === "" ? [] : [one(message("assistant", text))];
      if (item.synthetic) return [one(message("developer", text))];
      const ended: Draft[] = session.thread.inTurn ? [{ kind: "turn", state: "ended", outcome: "done" }] : [];
      return [...ended, { kind: "turn", state: "started" }, one(message("user", text))];
    }
    case "reasoning":
      return [one({ type: "reasoning", summary: [{ type: "summary_text", text: item.text ?? "" }] })];
    case "function_call":
      return [one({ type: "function_call", call_id: id, name: item.name ?? "", arguments: item.arguments ?? "" })];
    case "function_call_output":
      return [
        one(
          { type: "function_call_output", call_id: id, output: item.output ?? "" },
          item.is_error ? { result: { ok: false } } : {},
        ),
      ];
    default:
      return [];
  }
}

async function foldTo(session: Session, line: number): Promise<boolean> {
  const folding = foldNow(session, { trigger: "limit", phase: "standalone", line });
  for (;;) {
    const next = await folding.next();
    if (next.done) return next.value !== null;
  }
}

const bodyOf = (item: Item): string => {
  if (isCall(item)) return `${item.name} ${callInput(item)}`;
  if (isOutput(item)) return contentText(item.output);
  if (item.type === "message") return contentText(item.content);
  return item.type === "reasoning" ? (item.summary ?? []).map(({ text }) => text).join("\n") : "";
};

/** Views of one session at its boundaries of one kind: the K-th is a view after K folds, or more where the limit asks. */
async function viewsOf(items: readonly Recorded[], boundaries: readonly Boundary[], limit: number): Promise<string[]> {
  const session = await newSession(limit);
  const views: string[] = [];
  let next = 0;
  for (const boundary of boundaries) {
    for (; next < items.length && (items[next] as Recorded).seq < boundary.seq; next++) {
      await record(session, draftsOf(items[next] as Recorded, session), false);
      const isSettled = session.thread.calls.length === 0;
      if (isSettled && measure(session.thread, session.setup.target).total > session.budget.hard)
        await foldTo(session, session.budget.hard);
    }
    await foldTo(session, session.budget.hard);
    const head = showHead(session.thread).length;
    views.push(show(session.thread, session.setup.target).slice(head).map(bodyOf).join("\n"));
  }
  return views;
}

async function main(): Promise<number> {
  const root = resolve(import.meta.dirname, "..");
  const { values } = parseArgs({
    options: {
      sessions: { type: "string", default: join(root, "eval/sessions") },
      boundaries: { type: "string", default: join(root, "eval/facts/boundaries.jsonl") },
      queries: { type: "string" },
      out: { type: "string" },
      rung: { type: "string", default: "digest" },
      limit: { type: "string", default: "80000" },
    },
  });
  if (values.rung !== "digest") throw new RangeError(`Cannot use rung "${values.rung}": this version has digest`);
  const out = values.out ?? mkdtempSync(join(tmpdir(), "godwit-eval-"));
  mkdirSync(out, { recursive: true });
  const boundaries = lines<Boundary>(values.boundaries);
  const views: string[] = [];
  for (const sid of new Set(boundaries.map((boundary) => boundary.sid))) {
    const items = lines<Recorded>(join(values.sessions, `${sid}.jsonl`));
    for (const kind of ["real", "synthetic"]) {
      const own = boundaries.filter((one) => one.sid === sid && one.kind === kind).toSorted((a, b) => a.seq - b.seq);
      const texts = await viewsOf(items, own, Number(values.limit));
      for (const [index, text] of texts.entries())
        views.push(JSON.stringify({ sid, boundary: own[index]?.boundary, text }));
    }
  }
  writeFileSync(join(out, "views.jsonl"), `${views.join("\n")}\n`);
  // Recall has no index yet: every query is answered with nothing, so that the scorer counts it as nothing.
  const queries =
    values.queries && existsSync(values.queries) ? lines<{ pid: string; boundary: string }>(values.queries) : [];
  const empty = queries.map(({ pid, boundary }) => JSON.stringify({ pid, boundary, results: [] }));
  writeFileSync(join(out, "recall.jsonl"), empty.map((line) => `${line}\n`).join(""));
  console.log(
    `${views.length} views with rung ${values.rung}, limit ${values.limit}: ${values.out ? out : "scored below"}`,
  );
  if (values.out) return 0;
  const score = join(root, "eval/facts/score.py");
  const ran = spawnSync(
    "python3",
    [score, "--views", join(out, "views.jsonl"), "--boundaries", "all", "--recall", "none"],
    { stdio: "inherit", env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } },
  );
  rmSync(out, { recursive: true });
  return ran.status ?? 1;
}

process.exitCode = await main();
