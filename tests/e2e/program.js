/** The command line, serving: what it prints first is where. */
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** The `replayscope` command. */
export const PROGRAM = process.env.REPLAYSCOPE_BIN ?? path.join(ROOT, "target/debug/replayscope");

/**
 * Runs `replayscope` until `use` is done with the URL that it prints.
 *
 * @param {string[]} words
 * @param {(url: string) => Promise<void>} use
 */
export async function served(words, use) {
  const server = spawn(PROGRAM, [...words, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const url = await new Promise((/** @type {(url: string) => void} */ found, failed) => {
      server.on("error", failed);
      server.on("exit", (code) => failed(new Error(`replayscope ${words[0]} ended with ${code}`)));
      createInterface({ input: server.stdout }).on("line", (line) => {
        const match = /http:\/\/\S+/.exec(line);
        if (match) found(match[0]);
      });
    });
    await use(url);
  } finally {
    server.kill();
  }
}
