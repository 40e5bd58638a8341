import { TASK_MARK } from './prompts.mjs';

// window: the context window the agent is told about. serverWindow: where the server refuses (0 = never).
export const scenarios = {
  S1: { title: 'hello: no tool call', steps: 0, outBytes: 2048, window: 400000 },
  S1w: { title: 'hello again in a used HOME', steps: 0, outBytes: 2048, window: 400000, prime: true },
  S2: { title: '50 tool calls x 2 KB', steps: 50, outBytes: 2048, window: 400000 },
  S3: { title: '300 tool calls x 8 KB, big window', steps: 300, outBytes: 8192, window: 4000000 },
  S4: { title: '300 tool calls x 8 KB, 64k window', steps: 300, outBytes: 8192, window: 64000, serverWindow: 'window' },
  S5: { title: 'hello with a 4000-delta answer', steps: 0, outBytes: 2048, window: 400000, finalDeltas: 4000 },
  S4probe: { title: '80 tool calls x 8 KB, 64k window', steps: 80, outBytes: 8192, window: 64000, serverWindow: 'window' },
  smoke: { title: '3 tool calls x 2 KB', steps: 3, outBytes: 2048, window: 400000 },
};

export function promptFor(s) {
  if (!s.steps) return `${TASK_MARK}: say hello and stop. Do not use any tool.`;
  return `${TASK_MARK}: read the files data/f0001.txt to data/f${String(s.steps).padStart(4, '0')}.txt one by one with the shell tool, in order, and then report that you are done. Do not edit anything.`;
}
