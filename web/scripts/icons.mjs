// Draws the icons and the picture of link previews from their SVGs. Run it after changing one:
//
//   .ci/setup test && node web/scripts/icons.mjs

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../../tests/e2e/package.json", import.meta.url))("playwright-core");

const IMAGES = [
  ["web/icons/icon.svg", "web/icons/icon-192.png", 192, 192],
  ["web/icons/icon.svg", "web/icons/icon-512.png", 512, 512],
  ["web/icons/maskable.svg", "web/icons/maskable-512.png", 512, 512],
  ["web/social.svg", "web/social.png", 1200, 630],
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const [source, target, width, height] of IMAGES) {
  const page = await browser.newPage({ viewport: { width, height } });
  const size = `width: ${width}px; height: ${height}px`;
  await page.setContent(`<style>* { margin: 0 } svg { display: block; ${size} }</style>${readFileSync(source, "utf8")}`);
  await page.screenshot({ path: target, omitBackground: true });
  await page.close();
}
await browser.close();
