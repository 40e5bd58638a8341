// What the scripted model knows of requests: fixtures, tools, prompt parts and what a prefix cache would serve.
const BYTES_PER_TOKEN = 4;
const CACHE_MIN_TOKENS = 1024;
const CACHE_BLOCK_TOKENS = 128;

// ---------------------------------------------------------------- fixtures
export const stepFile = (n) => `f${String(n).padStart(4, '0')}.txt`;
export const startMark = (n) => `BEGIN-FILE-${String(n).padStart(4, '0')}`;
export const endMark = (n) => `END-FILE-${String(n).padStart(4, '0')}`;
export const TASK_MARK = 'BENCH-TASK-7f3a91';
export const SUMMARY_MARK = 'BENCH-SUMMARY-';
export const DONE_MARK = 'BENCH-DONE';

/** Deterministic text of exactly `bytes` bytes with a mark in the first and the last line. */
export function fileText(n, bytes) {
  const head = `// ${startMark(n)}\n`;
  const tail = `// ${endMark(n)}\n`;
  let seed = (n * 2654435761) >>> 0;
  const rnd = () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8);
  const words = ['const', 'value', 'index', 'return', 'buffer', 'stream', 'parse', 'token', 'node', 'list', 'await', 'state', 'count', 'merge', 'slice', 'range'];
  let body = '';
  const room = bytes - head.length - tail.length;
  while (body.length < room) {
    let line = '  ';
    while (line.length < 68) line += `${words[rnd() % words.length]}_${(rnd() % 46656).toString(36)} `;
    body += line.trimEnd() + ';\n';
  }
  body = body.slice(0, Math.max(0, room - 1)) + (room > 0 ? '\n' : '');
  return head + body + tail;
}

// ------------------------------------------------- reading a client's request
export const SHELL_NAMES = ['exec_command', 'shell_command', 'shell', 'bash', 'Bash', 'run_shell_command', 'local_shell', 'container.exec', 'run_terminal_cmd', 'execute_command', 'run_command', 'terminal', 'execute_bash', 'Shell', 'exec'];
export const COMMAND_KEYS = ['command', 'cmd', 'commands', 'script', 'input'];
export const READ_NAMES = ['read_file', 'read', 'Read', 'view', 'read_many_files'];

/** One list of {name, kind, schema} whatever the wire format. */
export function listTools(api, body) {
  const out = [];
  const add = (name, schema, kind = 'function') => name && out.push({ name, schema: schema ?? {}, kind });
  // Codex's newer models get their tools in an input item instead of the top-level field.
  const extra = api === 'responses' && Array.isArray(body.input) ? body.input.filter((i) => i.type === 'additional_tools').flatMap((i) => i.tools ?? []) : [];
  const flat = (t) => (t.type === 'namespace' && t.name === 'functions' ? t.tools ?? [] : [t]);
  for (const t of [...(body.tools ?? []), ...extra.flatMap(flat)]) {
    if (api === 'responses') {
      if (t.type === 'namespace') for (const s of t.tools ?? []) add(s.name, s.parameters, 'namespaced');
      else if (t.type === 'function') add(t.name, t.parameters);
      else if (t.type === 'custom') add(t.name, { codeMode: /JavaScript/.test(t.description ?? '') }, 'custom');
      else if (t.type === 'local_shell') add('local_shell', null, 'local_shell');
      else add(t.type, null, 'hosted');
    } else if (api === 'chat') add(t.function?.name, t.function?.parameters);
    else if (api === 'anthropic') add(t.name, t.input_schema);
    else if (api === 'gemini') for (const f of t.functionDeclarations ?? t.function_declarations ?? []) add(f.name, f.parametersJsonSchema ?? f.parameters);
  }
  return out;
}

export function sampleSchema(s, depth = 0) {
  if (!s || depth > 6) return null;
  if (s.const !== undefined) return s.const;
  if (s.enum?.length) return s.enum[0];
  if (s.default !== undefined) return s.default;
  const alt = s.anyOf ?? s.oneOf;
  if (alt?.length) return sampleSchema(alt[0], depth + 1);
  const type = String(Array.isArray(s.type) ? s.type[0] : s.type ?? (s.properties ? 'object' : 'string')).toLowerCase();
  if (type === 'object') {
    const o = {};
    for (const k of s.required ?? Object.keys(s.properties ?? {})) o[k] = sampleSchema(s.properties?.[k], depth + 1);
    return o;
  }
  if (type === 'array') return s.minItems ? [sampleSchema(s.items, depth + 1)] : [];
  if (type === 'integer' || type === 'number') return s.minimum ?? 0;
  if (type === 'boolean') return false;
  if (type === 'null') return null;
  return 'bench';
}

/** Picks the tool to call and builds arguments that satisfy its schema. */
export function buildCall(toolList, preferred, n, filesDir) {
  const order = preferred ? [preferred, ...SHELL_NAMES] : SHELL_NAMES;
  const rel = `${filesDir}/${stepFile(n)}`;
  const cmd = `cat ${rel}`;
  const tool = order.map((name) => toolList.find((t) => t.name === name && t.kind !== 'hosted')).find(Boolean)
    ?? toolList.find((t) => READ_NAMES.includes(t.name));
  if (!tool) return null;
  if (tool.kind === 'local_shell') return { tool, cmd, args: { type: 'exec', command: ['bash', '-lc', cmd], env: {} } };
  if (tool.kind === 'custom') return { tool, cmd, raw: tool.schema.codeMode ? `const r = await tools.exec_command({cmd: ${JSON.stringify(cmd)}}); text(typeof r === 'string' ? r : r.output);` : cmd };
  const props = tool.schema.properties ?? {};
  const args = {};
  if (READ_NAMES.includes(tool.name)) {
    const key = ['file_path', 'path', 'filePath', 'absolute_path', 'filename'].find((k) => props[k]) ?? 'path';
    args[key] = rel;
  } else {
    const key = COMMAND_KEYS.find((k) => props[k]) ?? COMMAND_KEYS[0];
    args[key] = props[key]?.type === 'array' ? ['bash', '-lc', cmd] : cmd;
  }
  for (const k of tool.schema.required ?? []) {
    if (k in args) continue;
    const s = props[k] ?? {};
    const type = String(s.type ?? 'string').toLowerCase();
    if (/timeout|yield/.test(k) && /number|integer/.test(type)) args[k] = 10000;
    else if (type === 'string' && !s.enum) args[k] = k === 'workdir' || k === 'cwd' ? '.' : `Read ${rel}`;
    else args[k] = sampleSchema(s);
  }
  return { tool, cmd, args };
}

export const strip = (_k, v) => {
  // Cache marks are routing hints, not prompt text: Anthropic moves them every turn.
  if (v && typeof v === 'object' && !Array.isArray(v) && 'cache_control' in v) { const { cache_control, ...rest } = v; return rest; }
  return v;
};
export const ser = (x) => (x === undefined ? '' : typeof x === 'string' ? x : JSON.stringify(x, strip));

/** {tools, instructions, items}: the parts a model would see, each serialised, in prompt order. */
export function promptParts(api, body) {
  if (api === 'responses') {
    const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input ?? [];
    return { tools: ser(body.tools), instructions: ser(body.instructions), raw: items, items: items.map(ser) };
  }
  if (api === 'chat') return { tools: ser(body.tools), instructions: '', raw: body.messages ?? [], items: (body.messages ?? []).map(ser) };
  if (api === 'anthropic') return { tools: ser(body.tools), instructions: ser(body.system), raw: body.messages ?? [], items: (body.messages ?? []).map(ser) };
  const sys = body.systemInstruction ?? body.system_instruction;
  return { tools: ser(body.tools), instructions: ser(sys), raw: body.contents ?? [], items: (body.contents ?? []).map(ser) };
}

export const isToolResult = (api, item) => {
  if (!item) return false;
  if (api === 'responses') return /_output$/.test(item.type ?? '');
  if (api === 'chat') return item.role === 'tool';
  if (api === 'anthropic') return Array.isArray(item.content) && item.content.some((c) => c.type === 'tool_result');
  return (item.parts ?? []).some((p) => p.functionResponse);
};
export const isUser = (api, item) => !!item && item.role === 'user' && !isToolResult(api, item);
export function itemText(item) {
  if (!item) return '';
  const c = item.content ?? item.parts ?? item.output ?? '';
  if (typeof c === 'string') return c;
  if (!Array.isArray(c)) return ser(c);
  return c.map((p) => (typeof p === 'string' ? p : p.text ?? '')).join('\n');
}

export const COMPACT_ASK = /CONTEXT CHECKPOINT COMPACTION|<state_snapshot>|state_snapshot|create a (?:detailed |concise |structured |anchored )*summary|(?:update|produce|provide|write|generate) (?:a|an|the) (?:[\w-]+ ){0,4}summary|summari[sz]e (?:the|this|our|it)|summarization assistant|context summari[sz]|handoff summary|prompt for continuing our conversation|conversation to summarize|helpful AI assistant tasked with summari/i;

/** main: the scripted conversation; compact: a request to shorten it; aux: anything else (titles, probes). */
export function classify(api, urlPath, body, parts, toolList) {
  if (/\/responses\/compact$/.test(urlPath)) return 'compact';
  const last = parts.raw.at(-1);
  if (last?.type === 'compaction_trigger') return 'compact';
  const shell = toolList.some((t) => SHELL_NAMES.includes(t.name) || READ_NAMES.includes(t.name));
  if (isToolResult(api, last)) {
    // Some clients put the request for a summary into the same message as the last tool result.
    const texts = (Array.isArray(last.content) ? last.content : last.parts ?? []).map((c) => c.text ?? '').filter((t) => t && !t.startsWith('<system-reminder>'));
    if (texts.some((t) => COMPACT_ASK.test(t))) return 'compact';
    return shell ? 'main' : COMPACT_ASK.test(parts.instructions) ? 'compact' : 'aux';
  }
  const lastText = itemText(last);
  const edges = lastText.length > 24000 ? lastText.slice(0, 12000) + lastText.slice(-12000) : lastText;
  const continued = lastText.includes(SUMMARY_MARK);
  if (shell) return !continued && !lastText.includes(TASK_MARK) && COMPACT_ASK.test(edges) ? 'compact' : 'main';
  const sys = api === 'chat' ? parts.items.slice(0, 1).join('') : parts.instructions;
  const sysHead = (sys || parts.items[0] || '').slice(0, 3000);
  if (/summari[sz]ation (?:agent|assistant)/i.test(sysHead)) return 'compact';
  if (/title/i.test(sysHead) && !/summar/i.test(sysHead.slice(0, 400))) return 'aux';
  return COMPACT_ASK.test(edges) || COMPACT_ASK.test(sys) ? 'compact' : 'aux';
}

/** Length of the common prefix of two buffers (memcmp in blocks, then bytes). */
export function commonPrefix(a, b) {
  const n = Math.min(a.length, b.length);
  const B = 1 << 16;
  let i = 0;
  while (i + B <= n && a.compare(b, i, i + B, i, i + B) === 0) i += B;
  let size = B;
  while (size > 64) {
    size >>= 1;
    if (i + size <= n && a.compare(b, i, i + size, i, i + size) === 0) i += size;
  }
  while (i < n && a[i] === b[i]) i++;
  return i;
}
export const cacheTokens = (bytes) => {
  const t = Math.floor(bytes / BYTES_PER_TOKEN);
  return t < CACHE_MIN_TOKENS ? 0 : Math.floor(t / CACHE_BLOCK_TOKENS) * CACHE_BLOCK_TOKENS;
};
