/**
 * Check docs: what the documents point at exists, what they tell to type works, what they show compiles.
 *
 *   node scripts/check-docs.ts
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { filesBelow, report } from "./files.ts";

const MAX_LINES: readonly { readonly where: RegExp; readonly lines: number }[] = [
  { where: /^AGENTS\.md$/, lines: 120 },
  { where: /^docs\/decisions\/[^/]*\.md$/, lines: 40 },
];
const SHELLS = new Set(["", "sh", "bash", "shell", "console", "text"]);

export interface Block {
  readonly language: string;
  readonly line: number;
  readonly text: string;
}

interface Document {
  readonly file: string;
  readonly blocks: readonly Block[];
  /** The lines outside the blocks, the others empty. */
  readonly prose: readonly string[];
  readonly lines: number;
}

/** Commands that exist; `godwit` is null while nobody can say. */
interface Known {
  readonly scripts: ReadonlySet<string>;
  readonly godwit: ReadonlySet<string> | null;
}

/** Check the documents of the checkout at root. Writes the examples below .godwit/ while it compiles them. */
export async function checkDocs(root: string): Promise<string[]> {
  const named = ["README.md", "AGENTS.md", "CHANGELOG.md"].filter((file) => existsSync(join(root, file)));
  const files = [...named, ...filesBelow(root, "docs").filter((file) => file.endsWith(".md"))];
  const documents = files.map((file) => parseDocument(file, readFileSync(join(root, file), "utf8")));
  const known = await knownCommands(root);
  return [
    ...documents.flatMap((document) => [
      ...checkSize(document),
      ...checkLinks(root, document),
      ...checkCommands(document, known),
    ]),
    ...checkExamples(root, documents),
  ];
}

function parseDocument(file: string, text: string): Document {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { fence: string; language: string; line: number; lines: string[] } | null = null;
  for (const [index, line] of lines.entries()) {
    const fence = /^\s*(`{3,}|~{3,})\s*([\w-]*)/.exec(line);
    prose.push(open === null && fence === null ? line : "");
    if (open === null) {
      if (fence !== null)
        open = { fence: fence[1] as string, language: fence[2] as string, line: index + 2, lines: [] };
    } else if (fence?.[2] === "" && (fence[1] as string).startsWith(open.fence)) {
      blocks.push({ language: open.language, line: open.line, text: open.lines.join("\n") });
      open = null;
    } else open.lines.push(line);
  }
  return { file, blocks, prose, lines: lines.length - 1 };
}

function checkSize({ file, lines }: Document): string[] {
  const max = MAX_LINES.find(({ where }) => where.test(file))?.lines ?? Number.POSITIVE_INFINITY;
  return lines <= max ? [] : [`${file} has ${lines} lines, at most ${max} are allowed`];
}

function checkLinks(root: string, { file, prose }: Document): string[] {
  return prose.flatMap((line, index) => {
    const text = line.replace(/`[^`]*`/g, "");
    const targets = [...text.matchAll(/\]\(\s*<?([^)\s>]+)|^\s*\[[^\]]+\]:\s*<?(\S+?)>?\s*$/g)];
    return targets.flatMap((match) => {
      const target = (match[1] ?? match[2] ?? "").split("#")[0] as string;
      if (target === "" || /^[a-z][a-z+.-]*:/i.test(target)) return [];
      const path = join(root, target.startsWith("/") ? "" : dirname(file), decodeURI(target));
      const isInside = !relative(root, path).startsWith("..");
      return isInside && existsSync(path) ? [] : [`${file}:${index + 1} links to ${target}, which is not there`];
    });
  });
}

function checkCommands({ file, blocks }: Document, known: Known): string[] {
  const shells = blocks.filter(({ language }) => SHELLS.has(language));
  return shells.flatMap(({ text, line }) =>
    text
      .split("\n")
      .flatMap((command, index) =>
        commandProblems(command, known).map((problem) => `${file}:${line + index} ${problem}`),
      ),
  );
}

/** What of one line of a shell cannot be run: scripts of npm and subcommands of godwit that do not exist. */
export function commandProblems(line: string, known: Known): string[] {
  const code = line.replace(/(^|\s)#.*$/, "").replace(/^\s*\$\s+/, "");
  return code.split(/&&|\|\||[;|]/).flatMap((part) => {
    const command = part.trim().replace(/^(?:[A-Z_][A-Z0-9_]*=\S*\s+)*(?:(?:npx|time|sudo)\s+)*/, "");
    const script = /^npm (?:run(?: -s| --silent)? ([\w:.-]+)|(start|test)\b)/.exec(command);
    const name = script?.[1] ?? script?.[2];
    if (name !== undefined && name !== "NAME" && !known.scripts.has(name)) return [`npm has no script "${name}"`];
    const sub = /^(?:\S*\/)?godwit ([a-z][a-z-]*)(?=\s|$)/.exec(command)?.[1];
    if (sub === undefined || known.godwit === null || known.godwit.has(sub)) return [];
    return [`godwit has no command "${sub}"`];
  });
}

async function knownCommands(root: string): Promise<Known> {
  const { scripts = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const path = join(root, "src/cli/commands.ts");
  const known = new Set(Object.keys(scripts));
  if (!existsSync(path)) return { scripts: known, godwit: null };
  const { COMMANDS } = await import(pathToFileURL(path).href);
  return { scripts: known, godwit: new Set((COMMANDS as { name: string }[]).map(({ name }) => name)) };
}

/** Compile the `ts` blocks, each as a module of its own, as if a file of the checkout had them. */
function checkExamples(root: string, documents: readonly Document[]): string[] {
  const examples = documents.flatMap(({ file, blocks }) =>
    blocks.filter(({ language }) => language === "ts").map((block) => ({ file, ...block })),
  );
  if (examples.length === 0) return [];
  const folder = join(root, ".godwit", `docs-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const settings = { extends: "../../tsconfig.json", include: ["."], compilerOptions: { noUnusedLocals: false } };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
    for (const [index, { text }] of examples.entries()) {
      writeFileSync(join(folder, `example-${index}.ts`), `${text}\nexport {};\n`);
    }
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const done = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8", cwd: root });
    if (done.status === 0) return [];
    return `${done.stdout}${done.stderr}`
      .trim()
      .split("\n")
      .map((line) => atHome(line, examples));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Turn a place in a written example into the place in the document it is from. */
function atHome(line: string, examples: readonly (Block & { readonly file: string })[]): string {
  const match = /example-(\d+)\.ts\((\d+),\d+\): (?:error )?(.*)/.exec(line);
  const example = match === null ? undefined : examples[Number(match[1])];
  return example && match
    ? `${example.file}:${example.line + Number(match[2]) - 1} does not compile: ${match[3]}`
    : line;
}

if (import.meta.main) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  report(await checkDocs(root), "links, commands and examples hold");
}
