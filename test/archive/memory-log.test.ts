import { openMemoryLog } from "../../src/archive/memory-log.ts";
import { logCases } from "../cases/log.ts";

logCases("memory log", () => openMemoryLog());
