#!/usr/bin/env node
// Scripted model on loopback. No dependencies; Node >= 20.
// Speaks OpenAI Responses (+ /compact), Chat Completions, Anthropic Messages and
// Gemini generateContent, plays "N tool calls, then a final text", and measures
// what the harness on the other side of the socket does.
//
//   node model-server.mjs [port] [--steps 50] [--out-bytes 2048] [--context-window 0]
//                         [--deltas 8] [--final-deltas 16] [--ttft-ms 0]
//                         [--tool NAME] [--files data] [--start-ns N] [--dump DIR] [--report FILE]
//
// GET /__bench/report -> JSON so far; POST /__bench/stop -> JSON, then exit.
// The first stdout line is {"port":N}.
import http from 'node:http';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { stepFile, TASK_MARK, SUMMARY_MARK, DONE_MARK, fileText, listTools, sampleSchema, buildCall, ser, promptParts, classify, commonPrefix, cacheTokens } from './prompts.mjs';

const BYTES_PER_TOKEN = 4;

const now = () => Number(process.hrtime.bigint()); // CLOCK_MONOTONIC, shared by all local processes
const tokens = (bytes) => Math.ceil(bytes / BYTES_PER_TOKEN);
const median = (a) => pct(a, 0.5);
function pct(a, p) {
  if (!a.length) return null;
  const s = [...a].sort((x, y) => x - y);
  const i = (s.length - 1) * p;
  const lo = Math.floor(i);
  return s[lo] + (s[Math.ceil(i)] - s[lo]) * (i - lo);
}

// ---------------------------------------------------------------- the server
export function createModel(opts) {
  const o = { steps: 0, outBytes: 2048, contextWindow: 0, deltas: 8, finalDeltas: 16, ttftMs: 0, filesDir: 'data', tool: '', dump: '', startNs: now(), ...opts };
  const reqs = [];
  const unknown = [];
  const recentPrompts = []; // prompts a prefix cache would still hold
  let calls = 0; // tool calls emitted
  let compactions = 0;
  let finals = 0;
  let overflow = 0;
  let lastMain = null; // {prompt, rec}
  let busyNs = 0;
  let seq = 0;
  let pendingCompaction = null;
  const compactionEvents = [];
  const prefixBreaks = [];

  function summaryText() {
    const id = `${SUMMARY_MARK}${compactions}`;
    const para = `The task is to read data files one by one with the shell and report at the end. Files up to ${stepFile(calls)} have been read; continue with ${stepFile(calls + 1)}. Nothing was edited. `;
    return `<summary>\n<state_snapshot>\n${id}\n${para.repeat(8)}\n</state_snapshot>\n</summary>`;
  }

  function decide(kind, api, body, toolList) {
    if (kind === 'compact') { compactions++; return { text: summaryText() }; }
    const schema = body.text?.format?.schema ?? body.response_format?.json_schema?.schema ?? body.generationConfig?.responseJsonSchema ?? body.generationConfig?.responseSchema ?? body.output_config?.format?.schema;
    if (kind === 'aux') return { text: schema ? JSON.stringify(sampleSchema(schema)) : 'Bench session' };
    if (calls < o.steps) {
      const call = buildCall(toolList, o.tool, calls + 1, o.filesDir);
      if (call) { calls++; return { call, text: '' }; }
    }
    finals++;
    return { text: `All ${o.steps} files were read. ${DONE_MARK}. ` + 'Nothing else is to be done here. '.repeat(Math.max(2, Math.ceil((o.finalDeltas * 4) / 33))), final: true };
  }

  const cut = (text, n) => {
    const out = [];
    const step = Math.max(1, Math.ceil(text.length / Math.max(1, n)));
    for (let i = 0; i < text.length; i += step) out.push(text.slice(i, i + step));
    return out;
  };

  function answer(api, res, body, plan, rec, url) {
    const id = String(rec.i).padStart(6, '0');
    const model = body.model ?? 'bench-model';
    const inTok = rec.inputTokens;
    const cached = rec.cachedTokens;
    const outText = plan.call ? ser(plan.call.args ?? plan.call.raw) : plan.text;
    const outTok = Math.max(1, tokens(Buffer.byteLength(outText ?? '')));
    const textParts = plan.text ? cut(plan.text, plan.final ? o.finalDeltas : o.deltas) : [];
    const sseHead = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', connection: 'keep-alive', 'x-request-id': `req_${id}` };
    const json = (obj) => { res.writeHead(200, { 'content-type': 'application/json', 'x-request-id': `req_${id}` }); res.end(JSON.stringify(obj)); };

    if (api === 'responses') {
      const usage = { input_tokens: inTok, input_tokens_details: { cached_tokens: cached }, output_tokens: outTok, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: inTok + outTok };
      const base = { id: `resp_${id}`, object: 'response', created_at: 1790000000, status: 'in_progress', model, output: [], parallel_tool_calls: false, tools: [], usage: null };
      const output = [];
      const events = [];
      const ev = (type, data) => events.push([type, { type, sequence_number: events.length, ...data }]);
      ev('response.created', { response: base });
      ev('response.in_progress', { response: base });
      if (plan.compactionItem) {
        const item = { id: `cmp_${id}`, type: 'compaction', encrypted_content: plan.compactionItem };
        ev('response.output_item.added', { output_index: 0, item });
        ev('response.output_item.done', { output_index: 0, item });
        output.push(item);
      }
      if (plan.text && !plan.compactionItem) {
        const item = { id: `msg_${id}`, type: 'message', status: 'in_progress', role: 'assistant', content: [] };
        const ref = { item_id: item.id, output_index: output.length, content_index: 0 };
        ev('response.output_item.added', { output_index: ref.output_index, item });
        ev('response.content_part.added', { ...ref, part: { type: 'output_text', text: '', annotations: [] } });
        for (const d of textParts) ev('response.output_text.delta', { ...ref, delta: d });
        ev('response.output_text.done', { ...ref, text: plan.text });
        const part = { type: 'output_text', text: plan.text, annotations: [] };
        ev('response.content_part.done', { ...ref, part });
        const done = { ...item, status: 'completed', content: [part] };
        ev('response.output_item.done', { output_index: ref.output_index, item: done });
        output.push(done);
      }
      if (plan.call) {
        const idx = output.length;
        const callId = `call_${id}`;
        const { tool } = plan.call;
        if (tool.kind === 'local_shell') {
          const item = { id: `lsh_${id}`, type: 'local_shell_call', status: 'completed', call_id: callId, action: plan.call.args };
          ev('response.output_item.added', { output_index: idx, item: { ...item, status: 'in_progress' } });
          ev('response.output_item.done', { output_index: idx, item });
          output.push(item);
        } else if (tool.kind === 'custom') {
          const item = { id: `ctc_${id}`, type: 'custom_tool_call', status: 'in_progress', call_id: callId, name: tool.name, input: '' };
          ev('response.output_item.added', { output_index: idx, item });
          for (const d of cut(plan.call.raw, o.deltas)) ev('response.custom_tool_call_input.delta', { item_id: item.id, output_index: idx, delta: d });
          ev('response.custom_tool_call_input.done', { item_id: item.id, output_index: idx, input: plan.call.raw });
          const done = { ...item, status: 'completed', input: plan.call.raw };
          ev('response.output_item.done', { output_index: idx, item: done });
          output.push(done);
        } else {
          const item = { id: `fc_${id}`, type: 'function_call', status: 'in_progress', arguments: '', call_id: callId, name: tool.name };
          const args = JSON.stringify(plan.call.args);
          ev('response.output_item.added', { output_index: idx, item });
          for (const d of cut(args, o.deltas)) ev('response.function_call_arguments.delta', { item_id: item.id, output_index: idx, delta: d });
          ev('response.function_call_arguments.done', { item_id: item.id, output_index: idx, arguments: args });
          const done = { ...item, status: 'completed', arguments: args };
          ev('response.output_item.done', { output_index: idx, item: done });
          output.push(done);
        }
      }
      const full = { ...base, status: 'completed', output, usage };
      ev('response.completed', { response: full });
      if (body.stream === false || body.stream === undefined) return json(full);
      res.writeHead(200, sseHead);
      for (const [t, d] of events) res.write(`event: ${t}\ndata: ${JSON.stringify(d)}\n\n`);
      return res.end();
    }

    if (api === 'chat') {
      const usage = { prompt_tokens: inTok, completion_tokens: outTok, total_tokens: inTok + outTok, prompt_tokens_details: { cached_tokens: cached }, completion_tokens_details: { reasoning_tokens: 0 } };
      const args = plan.call && JSON.stringify(plan.call.args);
      const finish = plan.call ? 'tool_calls' : 'stop';
      const toolCall = plan.call && { id: `call_${id}`, type: 'function', function: { name: plan.call.tool.name, arguments: args } };
      const head = { id: `chatcmpl_${id}`, created: 1790000000, model };
      if (!body.stream) return json({ ...head, object: 'chat.completion', choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', content: plan.text || null, ...(toolCall ? { tool_calls: [toolCall] } : {}) } }], usage });
      res.writeHead(200, sseHead);
      const send = (delta, finish_reason = null) => res.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
      send({ role: 'assistant', content: '' });
      for (const d of textParts) send({ content: d });
      if (toolCall) {
        send({ tool_calls: [{ index: 0, id: toolCall.id, type: 'function', function: { name: toolCall.function.name, arguments: '' } }] });
        for (const d of cut(args, o.deltas)) send({ tool_calls: [{ index: 0, function: { arguments: d } }] });
      }
      send({}, finish);
      res.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage })}\n\n`);
      res.write('data: [DONE]\n\n');
      return res.end();
    }

    if (api === 'anthropic') {
      const usage = { input_tokens: inTok - cached, cache_creation_input_tokens: 0, cache_read_input_tokens: cached, output_tokens: outTok };
      const content = [];
      if (plan.text) content.push({ type: 'text', text: plan.text });
      if (plan.call) content.push({ type: 'tool_use', id: `toolu_${id}`, name: plan.call.tool.name, input: plan.call.args });
      const stop = plan.call ? 'tool_use' : 'end_turn';
      const msg = { id: `msg_${id}`, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 1 } };
      if (!body.stream) return json({ ...msg, content, stop_reason: stop, usage });
      res.writeHead(200, sseHead);
      const send = (type, d) => res.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...d })}\n\n`);
      send('message_start', { message: msg });
      content.forEach((c, index) => {
        if (c.type === 'text') {
          send('content_block_start', { index, content_block: { type: 'text', text: '' } });
          for (const d of textParts) send('content_block_delta', { index, delta: { type: 'text_delta', text: d } });
        } else {
          send('content_block_start', { index, content_block: { ...c, input: {} } });
          for (const d of cut(JSON.stringify(c.input), o.deltas)) send('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: d } });
        }
        send('content_block_stop', { index });
      });
      send('message_delta', { delta: { stop_reason: stop, stop_sequence: null }, usage });
      send('message_stop', {});
      return res.end();
    }

    // gemini
    const usageMetadata = { promptTokenCount: inTok, cachedContentTokenCount: cached, candidatesTokenCount: outTok, totalTokenCount: inTok + outTok };
    const chunk = (parts, finishReason) => ({ candidates: [{ index: 0, content: { role: 'model', parts }, ...(finishReason ? { finishReason } : {}) }], ...(finishReason ? { usageMetadata } : {}), modelVersion: model, responseId: `resp-${id}` });
    const callPart = plan.call && { functionCall: { id: `call_${id}`, name: plan.call.tool.name, args: plan.call.args } };
    if (!/stream/i.test(url)) return json(chunk([...(plan.text ? [{ text: plan.text }] : []), ...(callPart ? [callPart] : [])], 'STOP'));
    res.writeHead(200, sseHead);
    for (const d of textParts) res.write(`data: ${JSON.stringify(chunk([{ text: d }]))}\r\n\r\n`);
    res.write(`data: ${JSON.stringify(chunk(callPart ? [callPart] : [{ text: '' }], 'STOP'))}\r\n\r\n`);
    return res.end();
  }

  function tooLong(api, res, body, rec) {
    overflow++;
    const msg = `prompt is too long: ${rec.inputTokens} tokens > ${o.contextWindow} maximum`;
    const send = (status, obj) => { res.writeHead(status, { 'content-type': 'application/json' }); res.end(JSON.stringify(obj)); };
    if (api === 'responses' && body.stream) {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      const response = { id: `resp_${rec.i}`, object: 'response', status: 'failed', error: { code: 'context_length_exceeded', message: 'Your input exceeds the context window of this model. Please adjust your input and try again.' }, output: [], usage: null };
      res.write(`event: response.failed\ndata: ${JSON.stringify({ type: 'response.failed', sequence_number: 0, response })}\n\n`);
      return res.end();
    }
    if (api === 'anthropic') return send(400, { type: 'error', error: { type: 'invalid_request_error', message: msg } });
    if (api === 'gemini') return send(400, { error: { code: 400, status: 'INVALID_ARGUMENT', message: `The input token count (${rec.inputTokens}) exceeds the maximum number of tokens allowed (${o.contextWindow}).` } });
    return send(400, { error: { message: `This model's maximum context length is ${o.contextWindow} tokens. However, your messages resulted in ${rec.inputTokens} tokens.`, type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' } });
  }

  function route(method, p) {
    if (method !== 'POST') return null;
    if (/\/responses\/compact$/.test(p)) return 'responses';
    if (/\/responses$/.test(p)) return 'responses';
    if (/\/chat\/completions$/.test(p)) return 'chat';
    if (/\/messages$/.test(p)) return 'anthropic';
    if (/:(stream)?generateContent$/i.test(p)) return 'gemini';
    return null;
  }

  function retained(items, text) {
    const marks = new Set(text.match(/END-FILE-\d{4}/g) ?? []);
    const kinds = {};
    for (const it of items) { const k = it.type ?? it.role ?? 'item'; kinds[k] = (kinds[k] ?? 0) + 1; }
    return { taskVerbatim: text.includes(TASK_MARK), summary: text.includes(SUMMARY_MARK) || items.some((it) => it.type === 'compaction'), summaries: new Set(text.match(/BENCH-SUMMARY-\d+/g) ?? []).size, wholeToolResults: marks.size, items: items.length, kinds };
  }

  function handleModel(api, req, res, url, p, wire, buf, tHead, tBody) {
    const t0 = now();
    let body;
    try { body = JSON.parse(buf.toString('utf8')); } catch (e) {
      unknown.push({ method: req.method, path: url, status: 400, note: 'bad json' });
      res.writeHead(400); return res.end('bad json');
    }
    const toolList = listTools(api, body);
    const parts = promptParts(api, body);
    let kind = classify(api, p, body, parts, toolList);
    if (kind === 'main' && finals) kind = 'aux'; // the script is over: whatever follows is the harness's own idea
    const prompt = Buffer.from([parts.tools, parts.instructions, ...parts.items].join('\n'));
    const rec = {
      i: ++seq, kind, api, path: p, model: body.model ?? p.match(/models\/([^:]+)/)?.[1], tHead: tHead - o.startNs, tBody: tBody - o.startNs, tEnd: null,
      wireBytes: wire, bodyBytes: buf.length, promptBytes: prompt.length, toolsBytes: parts.tools.length, instructionsBytes: parts.instructions.length,
      tools: toolList.length, items: parts.items.length, inputTokens: tokens(prompt.length),
    };
    reqs.push(rec);
    if (o.dump) fs.writeFileSync(path.join(o.dump, `${String(rec.i).padStart(4, '0')}-${kind}.json`), buf);
    // what a prefix cache would serve: longest match against the prompts still in it
    let best = 0;
    for (const old of recentPrompts) best = Math.max(best, commonPrefix(old, prompt));
    rec.cachedTokens = Math.min(cacheTokens(best), rec.inputTokens);
    recentPrompts.push(prompt);
    if (recentPrompts.length > 4) recentPrompts.shift();

    if (o.contextWindow && rec.inputTokens > o.contextWindow) {
      rec.kind = kind; rec.overflow = true;
      res.on('close', () => { rec.tEnd = now() - o.startNs; });
      busyNs += now() - t0;
      return tooLong(api, res, body, rec);
    }

    if (kind === 'main') {
      const prev = lastMain;
      if (prev) {
        const lcp = commonPrefix(prev.prompt, prompt);
        rec.prefixShare = lcp / prev.prompt.length;
        rec.headChanged = lcp < prev.headBytes;
        const shrank = parts.items.length < prev.rec.items || prompt.length < prev.rec.promptBytes;
        if (shrank || pendingCompaction) {
          const tail = parts.items.join('\n');
          compactionEvents.push({
            atRequest: rec.i, afterToolCall: calls, via: pendingCompaction ? pendingCompaction.map((r) => r.path) : ['(local edit)'],
            promptBytesBefore: prev.rec.promptBytes, promptBytesAfter: prompt.length, itemsBefore: prev.rec.items, itemsAfter: parts.items.length,
            keptPrefixBytes: lcp, headKept: !rec.headChanged, requests: pendingCompaction?.length ?? 0,
            requestBytes: pendingCompaction?.reduce((s, r) => s + r.bodyBytes, 0) ?? 0,
            requestCachedTokens: pendingCompaction?.reduce((s, r) => s + r.cachedTokens, 0) ?? 0,
            requestInputTokens: pendingCompaction?.reduce((s, r) => s + r.inputTokens, 0) ?? 0,
            harnessMs: (tBody - (prev.rec.tEnd + o.startNs)) / 1e6, retained: retained(parts.raw, tail),
          });
          rec.afterCompaction = true;
        } else if (rec.prefixShare < 1) {
          prefixBreaks.push({ atRequest: rec.i, share: +rec.prefixShare.toFixed(4), headChanged: rec.headChanged, lostBytes: prev.prompt.length - lcp });
        }
        // did the previous call's whole output come back?
        if (prev.rec.step && !rec.afterCompaction) {
          const tailText = parts.items.slice(-3).join('\n');
          rec.toolOk = fileText(prev.rec.step, o.outBytes).trimEnd().split('\n').every((line) => tailText.includes(line.trim())); // every line, so that head and tail alone do not pass
          rec.toolBytes = parts.items.at(-1)?.length ?? 0;
          if (!rec.toolOk) rec.toolSample = tailText.slice(-400);
        }
        if (!rec.afterCompaction) rec.harnessNs = tBody - (prev.rec.tEnd + o.startNs);
        if (!rec.afterCompaction) rec.harnessHeadNs = tHead - (prev.rec.tEnd + o.startNs);
      }
      pendingCompaction = null;
      lastMain = { prompt, rec, headBytes: parts.tools.length + 1 + parts.instructions.length };
    } else if (kind === 'compact') (pendingCompaction ??= []).push(rec);

    const plan = decide(kind, api, body, toolList);
    if (plan.call) rec.step = calls;
    if (plan.final) rec.final = true;
    res.on('finish', () => { if (rec.tEnd === null) rec.tEnd = now() - o.startNs; });
    const reply = () => {
      const t1 = now();
      if (/\/responses\/compact$/.test(p)) {
        const kept = parts.raw.filter((it) => it.role === 'user');
        const output = [...kept, { id: `cmp_${rec.i}`, type: 'compaction', encrypted_content: Buffer.from(plan.text).toString('base64') }];
        res.writeHead(200, { 'content-type': 'application/json' });
        res.end(JSON.stringify({ id: `resp_${rec.i}`, object: 'response.compaction', created_at: 1790000000, output, usage: { input_tokens: rec.inputTokens, input_tokens_details: { cached_tokens: rec.cachedTokens }, output_tokens: tokens(plan.text.length), output_tokens_details: { reasoning_tokens: 0 }, total_tokens: rec.inputTokens + tokens(plan.text.length) } }));
      } else {
        if (parts.raw.at(-1)?.type === 'compaction_trigger') plan.compactionItem = Buffer.from(plan.text).toString('base64');
        answer(api, res, body, plan, rec, url);
      }
      busyNs += now() - t1;
    };
    busyNs += now() - t0;
    if (o.ttftMs) setTimeout(reply, o.ttftMs); else reply();
  }

  const server = http.createServer((req, res) => {
    const tHead = now();
    const chunks = [];
    req.on('data', (c) => chunks.push(c));
    req.on('end', () => {
      const tBody = now();
      let buf = Buffer.concat(chunks);
      const wire = buf.length;
      const enc = req.headers['content-encoding'];
      try {
        if (enc === 'gzip') buf = zlib.gunzipSync(buf);
        else if (enc === 'br') buf = zlib.brotliDecompressSync(buf);
        else if (enc === 'deflate') buf = zlib.inflateSync(buf);
        else if (enc === 'zstd' && zlib.zstdDecompressSync) buf = zlib.zstdDecompressSync(buf);
      } catch { /* reported as bad json below */ }
      const url = req.url;
      const p = url.split('?')[0];
      if (p === '/__bench/report') { res.writeHead(200, { 'content-type': 'application/json' }); return res.end(JSON.stringify(report())); }
      if (p === '/__bench/stop') { res.writeHead(200, { 'content-type': 'application/json' }); res.end(JSON.stringify(report())); return server.emit('bench-stop'); }
      const api = route(req.method, p);
      if (api) return handleModel(api, req, res, url, p, wire, buf, tHead, tBody);
      const json = (s, obj) => { res.writeHead(s, { 'content-type': 'application/json' }); res.end(JSON.stringify(obj)); };
      if (req.method === 'GET' && /\/v1(beta)?\/models$/.test(p)) {
        const ids = ['bench-model'];
        unknown.push({ method: req.method, path: url, status: 200, t: (tHead - o.startNs) / 1e6 });
        return json(200, { object: 'list', data: ids.map((id) => ({ id, object: 'model', created: 1790000000, owned_by: 'bench', type: 'model', display_name: id })), models: ids.map((id) => ({ name: `models/${id}`, inputTokenLimit: o.contextWindow || 1000000, outputTokenLimit: 8192, supportedGenerationMethods: ['generateContent', 'countTokens'] })), has_more: false });
      }
      if (/count_tokens$/.test(p) || /:countTokens$/.test(p)) {
        const n = tokens(buf.length);
        unknown.push({ method: req.method, path: url, status: 200, bytes: buf.length, t: (tHead - o.startNs) / 1e6 });
        return json(200, { input_tokens: n, totalTokens: n });
      }
      unknown.push({ method: req.method, path: url, status: 404, bytes: buf.length, t: (tHead - o.startNs) / 1e6 });
      json(404, { error: { message: `no such endpoint: ${p}`, type: 'not_found', code: 404 } });
    });
  });
  server.keepAliveTimeout = 120000;
  server.requestTimeout = 0;
  // Used as HTTPS_PROXY by the runner: every attempt to leave the machine is seen, named and refused.
  server.on('connect', (req, socket) => {
    unknown.push({ method: 'CONNECT', path: req.url, status: 403, t: (now() - o.startNs) / 1e6 });
    socket.on('error', () => {}); // a client may reset instead of reading the refusal
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  server.on('clientError', (_e, socket) => socket.destroy());
  server.on('upgrade', (req, socket) => {
    unknown.push({ method: 'UPGRADE', path: req.url, status: 404, t: (now() - o.startNs) / 1e6 });
    socket.on('error', () => {});
    socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
  });

  function report() {
    const main = reqs.filter((r) => r.kind === 'main' && !r.overflow);
    const ms = (ns) => (ns == null ? null : +(ns / 1e6).toFixed(3));
    const lat = main.filter((r) => r.harnessNs != null && r.harnessNs >= 0).map((r) => r.harnessNs / 1e6);
    const shares = main.filter((r) => r.prefixShare != null);
    const plain = shares.filter((r) => !r.afterCompaction);
    const sum = (a, f) => a.reduce((s, r) => s + f(r), 0);
    const steps = main.filter((r) => r.toolOk != null);
    const round = (x, d = 3) => (x == null ? null : +x.toFixed(d));
    const firstMain = main[0];
    return {
      options: { ...o, startNs: undefined, dump: undefined },
      summary: {
        requests: reqs.length, mainRequests: main.length, auxRequests: reqs.filter((r) => r.kind === 'aux').length, compactRequests: reqs.filter((r) => r.kind === 'compact').length,
        toolCallsSent: calls, finalsSent: finals, completed: calls >= o.steps && finals > 0, overflowErrors: overflow,
        firstRequestMs: ms(reqs[0]?.tHead), firstMainRequestMs: ms(firstMain?.tHead), lastResponseEndMs: ms(reqs.at(-1)?.tEnd),
        firstPromptBytes: firstMain?.promptBytes ?? null, firstToolsBytes: firstMain?.toolsBytes ?? null, firstInstructionsBytes: firstMain?.instructionsBytes ?? null, toolsDeclared: firstMain?.tools ?? null, lastPromptBytes: main.at(-1)?.promptBytes ?? null,
        harnessMs: { n: lat.length, median: round(median(lat)), p95: round(pct(lat, 0.95)), max: round(lat.length ? Math.max(...lat) : null), first20: round(median(lat.slice(0, 20))), last20: round(median(lat.slice(-20))) },
        uploadedBytes: sum(reqs, (r) => r.wireBytes), decodedBytes: sum(reqs, (r) => r.bodyBytes), uploadedAuxBytes: sum(reqs.filter((r) => r.kind !== 'main'), (r) => r.wireBytes),
        toolResults: { checked: steps.length, whole: steps.filter((r) => r.toolOk).length, medianItemBytes: median(steps.map((r) => r.toolBytes)) },
        prefix: {
          meanShare: round(shares.length ? sum(shares, (r) => r.prefixShare) / shares.length : null, 5),
          meanShareOutsideCompaction: round(plain.length ? sum(plain, (r) => r.prefixShare) / plain.length : null, 5),
          breaksOutsideCompaction: prefixBreaks.length,
        },
        cache: {
          hitRatioMain: round(sum(main, (r) => r.cachedTokens) / Math.max(1, sum(main, (r) => r.inputTokens)), 5),
          hitRatioAll: round(sum(reqs, (r) => r.cachedTokens) / Math.max(1, sum(reqs, (r) => r.inputTokens)), 5),
          inputTokensAll: sum(reqs, (r) => r.inputTokens), uncachedTokensAll: sum(reqs, (r) => r.inputTokens - r.cachedTokens),
        },
        compactions: compactionEvents.length, maxInputTokens: main.length ? Math.max(...main.map((r) => r.inputTokens)) : 0,
        serverBusyMs: ms(busyNs), serverCpuMs: round(process.cpuUsage().user / 1e3 + process.cpuUsage().system / 1e3),
      },
      compactionEvents, prefixBreaks: prefixBreaks.slice(0, 50), otherEndpoints: unknown, requests: reqs,
    };
  }
  return { server, report, options: o };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values: v, positionals } = parseArgs({
    allowPositionals: true,
    options: Object.fromEntries(['port', 'steps', 'out-bytes', 'context-window', 'deltas', 'final-deltas', 'ttft-ms', 'tool', 'files', 'start-ns', 'dump', 'report'].map((k) => [k, { type: 'string' }])),
  });
  const num = (k, d) => (v[k] === undefined ? d : Number(v[k]));
  if (v.dump) fs.mkdirSync(v.dump, { recursive: true });
  const { server, report } = createModel({
    steps: num('steps', 0), outBytes: num('out-bytes', 2048), contextWindow: num('context-window', 0), deltas: num('deltas', 8), finalDeltas: num('final-deltas', 16),
    ttftMs: num('ttft-ms', 0), tool: v.tool ?? '', filesDir: v.files ?? 'data', dump: v.dump ?? '', startNs: num('start-ns', now()),
  });
  const stop = () => { if (v.report) fs.writeFileSync(v.report, JSON.stringify(report())); process.exit(0); };
  server.on('bench-stop', () => setTimeout(stop, 20));
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  server.listen(Number(positionals[0] ?? v.port ?? 0), '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
}
