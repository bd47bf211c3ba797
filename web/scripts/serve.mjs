// A small static file server for the built site, used by `make serve` and the end-to-end
// tests. It can also offer a data archive, without copying it, with a first part cut out of it, and
// serve the site from a sub-path.
//
//   node web/scripts/serve.mjs SITE [--port 8080] [--data imagenette2-160.tgz]

import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { cut, described, PER_CLASS } from "./part.mjs";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/**
 * Serves the folder `root` under `base` (which begins and ends with a slash) on
 * 127.0.0.1. With `data`, the page finds that archive through `data/served.json`, and with `part`,
 * the pictures of each class in it, a first part of it. `headers` are sent with every response. Port
 * 0 picks any free port. Resolves to `{ url, close }`.
 */
export async function serve({ root, base = "/", port = 0, data = null, part = null, headers = {} }) {
  const archive = data && (await describeArchive(data, part));
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    answer({ root: path.resolve(root), base, archive }, request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
      if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") console.error(`${request.url}: ${error}`);
    });
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}${base}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

async function describeArchive(file, perClass) {
  const { size } = await stat(file);
  const name = path.basename(file);
  const part = perClass && cut(await readFile(file), perClass);
  const served = described(name, size, part, (name) => `data/served/${encodeURIComponent(name)}`);
  return { file, content: part?.bytes, served };
}

/** This machine's own names. Any other name that resolves here (DNS rebinding) is refused. */
const OWN_NAME = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

async function answer({ root, base, archive }, request, response) {
  if (!OWN_NAME.test(request.headers.host ?? "")) return fail(response, 421);
  if (request.method !== "GET" && request.method !== "HEAD") return fail(response, 405);
  if (!URL.canParse(request.url, "http://localhost")) return fail(response, 400);
  const { pathname } = new URL(request.url, "http://localhost");
  if (!pathname.startsWith(base)) return fail(response, 404);
  const wanted = pathname.slice(base.length);

  if (archive && wanted === "data/served.json") {
    response.writeHead(200, { "content-type": TYPES[".json"], "cache-control": "no-store" });
    return response.end(JSON.stringify(archive.served));
  }
  const part = archive?.served.part;
  if (part && wanted === part.url) {
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": part.bytes });
    return response.end(request.method === "HEAD" ? undefined : archive.content);
  }
  if (archive && wanted === archive.served.url) return sendFile(request, response, archive.file);

  let relative;
  try {
    relative = decodeURIComponent(wanted);
  } catch {
    return fail(response, 400);
  }
  const file = path.join(root, relative === "" || relative.endsWith("/") ? `${relative}index.html` : relative);
  if (file !== root && !file.startsWith(root + path.sep)) return fail(response, 404);
  return sendFile(request, response, file);
}

async function sendFile(request, response, file) {
  const info = await stat(file).catch(() => null);
  if (!info?.isFile()) return fail(response, 404);
  // Browsers revalidate each time and get a 304, so a rebuilt page is never served stale.
  const headers = {
    "content-type": TYPES[path.extname(file)] ?? "application/octet-stream",
    "cache-control": "no-cache",
    etag: `"${info.size.toString(36)}-${info.mtimeMs.toString(36)}"`,
  };
  if (request.headers["if-none-match"] === headers.etag) {
    response.writeHead(304, headers);
    return response.end();
  }
  response.writeHead(200, { ...headers, "content-length": info.size });
  if (request.method === "HEAD") return response.end();
  return pipeline(createReadStream(file), response);
}

function fail(response, status) {
  response.writeHead(status, { "content-type": TYPES[".txt"] });
  response.end(`${status}\n`);
}

async function main(args) {
  const options = { root: null, port: 8080, data: null };
  while (args.length) {
    const word = args.shift();
    if (word === "--port") options.port = Number(args.shift());
    else if (word === "--data") options.data = args.shift() || null;
    else options.root = word;
  }
  try {
    const { url } = await serve({ ...options, part: PER_CLASS });
    console.log(`serving ${url} (Ctrl-C ends it)${options.data ? `, with ${options.data}` : ""}`);
  } catch (error) {
    if (error.code === "EADDRINUSE") {
      console.error(`serve: port ${options.port} is taken; try 'make serve PORT=${options.port + 1}'`);
    } else if (error.code === "ENOENT") {
      console.error(`serve: ${error.path} does not exist; DATA must name an archive such as imagenette2-160.tgz`);
    } else {
      console.error(`serve: ${error.message}`);
    }
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
