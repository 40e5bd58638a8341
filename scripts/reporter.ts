/**
 * Reporter: tells a test run of node:test in a line per file, failures in full, and the count as the last line.
 *
 * Is not      a `--test-reporter` module: those need a default export, and the exit code here depends on the counts.
 * Format      "N passed, N failed" and, when some were, ", N skipped": the last line, always.
 */
import type { EventData, run } from "node:test";
import { inspect } from "node:util";

type TestEvents = ReturnType<typeof run>;
type Ended = EventData.TestPass | EventData.TestFail;

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface FileStory {
  passed: number;
  failed: number;
  skipped: number;
  output: string;
  readonly failures: string[];
}

export interface ReportOptions {
  /** How a file is named in the report. */
  readonly name: (file: string) => string;
  readonly write: (text: string) => void;
  /** How many of the slowest tests to list; 0 = no list. */
  readonly slowest: number;
  /** Called at every sign of life, with the files that are under way. */
  readonly onAlive?: (files: readonly string[]) => void;
}

/**
 * Follow a run to its end and print it.
 *
 * @returns how many tests passed, failed and were skipped; suites and tests that fail for a subtest are not counted
 */
export async function reportRun(events: TestEvents, options: ReportOptions): Promise<Counts> {
  const stories = new Map<string, FileStory>();
  const open = new Map<string, FileStory>();
  const slow: { ms: number; title: string }[] = [];
  const storyOf = (file: string | undefined): FileStory => {
    const key = file ?? "";
    const known = stories.get(key);
    if (known) return known;
    const story: FileStory = { passed: 0, failed: 0, skipped: 0, output: "", failures: [] };
    stories.set(key, story);
    open.set(key, story);
    return story;
  };
  const close = (file: string, ms: number | null): void => {
    const story = open.get(file);
    if (!open.delete(file) || !story) return;
    options.write(printFile(options.name(file), story, ms));
  };
  for await (const event of events) {
    // A test can be made by another file than the one that is run: a table of cases, shared by several.
    const { file: madeIn, entryFile } = event.data as { file?: string; entryFile?: string };
    const file = entryFile ?? madeIn;
    if (event.type === "test:stdout" || event.type === "test:stderr") storyOf(file).output += event.data.message;
    if (event.type === "test:start") storyOf(file);
    if (event.type === "test:pass" || event.type === "test:fail") {
      const title = `${options.name(file ?? "")} > ${event.data.name}`;
      take(storyOf(file), event.data, event.type === "test:fail", title);
      slow.push({ ms: event.data.details.duration_ms, title });
      // A file that broke off, was ended from outside or holds no test has no summary of its own.
      if (file !== undefined && event.data.name === file) close(file, event.data.details.duration_ms);
    }
    if (event.type === "test:summary" && file !== undefined) close(file, event.data.duration_ms);
    options.onAlive?.([...open.keys()]);
  }
  for (const file of [...open.keys()]) close(file, null);
  const counts = sum([...stories.values()]);
  slow.sort((a, b) => b.ms - a.ms);
  for (const { ms, title } of slow.slice(0, options.slowest)) options.write(`${printMs(ms)}  ${title}\n`);
  options.write(`${printCounts(counts)}\n`);
  return counts;
}

export function printCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function take(story: FileStory, test: Ended, isFailed: boolean, title: string): void {
  if (test.details.type === "suite" && !isFailed) return;
  if (isFailed) {
    const error = (test as EventData.TestFail).details.error as Error & { failureType?: string };
    if (error.failureType === "subtestsFailed") return;
    story.failed++;
    story.failures.push(`${title}\n${printError(error)}`);
  } else if (test.skip !== undefined || test.todo !== undefined) story.skipped++;
  else if (test.name !== test.file) story.passed++; // a file without tests passes, and proves nothing
}

function printError(error: Error): string {
  const cause = error.cause ?? error;
  const text = cause instanceof Error ? inspect(cause, { depth: 8 }) : String(cause);
  // The runner's own frames say nothing about the test.
  const lines = text.split("\n").filter((line) => !/^\s+at .*node:internal\/(test_runner|process|timers)/.test(line));
  return lines.map((line) => `  ${line}`).join("\n");
}

function printFile(name: string, story: FileStory, ms: number | null): string {
  const mark = story.failed > 0 ? "FAILED" : story.passed + story.skipped === 0 ? "empty " : "ok    ";
  const line = `${mark} ${ms === null ? "       ?" : printMs(ms)}  ${name}  ${printCounts(story)}\n`;
  if (story.failed === 0) return line;
  const output = story.output.trim() === "" ? "" : `  -- it printed --\n${story.output.trimEnd()}\n`;
  return `${line}\n${story.failures.join("\n\n")}\n${output}\n`;
}

const printMs = (ms: number): string => `${ms.toFixed(0)} ms`.padStart(8);

function sum(stories: readonly FileStory[]): Counts {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of stories) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}
