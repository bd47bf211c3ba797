// The server of `make serve`: what it gives, and what it must not.

import assert from "node:assert/strict";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { serve } from "../../web/scripts/serve.mjs";

let folder;
let site;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "playground-"));
  await mkdir(path.join(folder, "site", "part"), { recursive: true });
  await writeFile(path.join(folder, "site", "index.html"), "<p>entry</p>");
  await writeFile(path.join(folder, "site", "part", "a.wasm"), "wasm");
  await writeFile(path.join(folder, "secret.txt"), "secret");
  await writeFile(path.join(folder, "pictures 1.tgz"), "archive");
  site = await serve({
    root: path.join(folder, "site"),
    base: "/sub/",
    data: path.join(folder, "pictures 1.tgz"),
  });
});

after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

test("files come with their type, and a 304 when unchanged", async () => {
  const first = await fetch(`${site.url}part/a.wasm`);
  assert.equal(first.headers.get("content-type"), "application/wasm");
  assert.equal(await first.text(), "wasm");
  const again = await raw("/sub/part/a.wasm", { "if-none-match": first.headers.get("etag") });
  assert.equal(again.status, 304);
});

test("the entry page is the folder's", async () => {
  assert.equal(await (await fetch(site.url)).text(), "<p>entry</p>");
});

test("nothing outside the site is served", async () => {
  const escapes = ["/sub/../secret.txt", "/sub/%2e%2e/secret.txt", "/sub/..%2fsecret.txt", "/sub/%00", "/sub/%zz"];
  for (const escape of [...escapes, "/secret.txt", "/sub/absent.js"]) {
    const { status, body } = await raw(escape);
    assert.ok(status === 404 || status === 400, `${escape}: ${status}`);
    assert.ok(!body.includes("secret"), escape);
  }
});

test("the archive is offered by name and size, relative to the page", async () => {
  const { name, url, bytes } = await (await fetch(`${site.url}data/served.json`)).json();
  assert.equal(name, "pictures 1.tgz");
  assert.equal(bytes, 7);
  assert.equal(await (await fetch(new URL(url, site.url))).text(), "archive");
});

test("only this machine's own names are answered", async () => {
  const { port } = new URL(site.url);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "LOCALHOST", `[::1]:${port}`]) {
    assert.equal((await raw("/sub/", { host })).status, 200, host);
  }
  // A foreign name that its owner has pointed here could read all of it, the archive too.
  const foreign = ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", "localhost.evil.example", "192.0.2.1"];
  for (const host of foreign) {
    for (const target of ["/sub/", "/sub/data/served.json", "/sub/data/served/pictures%201.tgz"]) {
      const { status, body } = await raw(target, { host });
      assert.equal(status, 421, `${host} ${target}`);
      assert.ok(!body.includes("entry") && !body.includes("archive"), `${host} ${target}: ${body}`);
    }
  }
});

test("an address that is none is refused", async () => {
  for (const target of ["//", "http://", "/\\"]) {
    const { status } = await raw(target);
    assert.ok(status === 400 || status === 404, `${target}: ${status}`);
  }
});

/** A request whose path nobody tidies on the way. */
function raw(target, headers = {}) {
  const { hostname, port } = new URL(site.url);
  return new Promise((resolve, reject) => {
    http
      .get({ hostname, port, path: target, headers }, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (part) => (body += part));
        response.on("end", () => resolve({ status: response.statusCode, body }));
      })
      .on("error", reject);
  });
}
