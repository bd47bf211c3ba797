// Starts the classroom's program when the page adds this script, with its styles, and reports why it did not start.
// Each attempt has an address of its own, because browsers remember modules that failed.

const attempt = new URL(import.meta.url).search;
const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL(`classroom.css${attempt}`, import.meta.url);
document.head.append(style);
try {
  const { default: init } = await import(`./classroom.js${attempt}`);
  await init({ module_or_path: new URL(`classroom_bg.wasm${attempt}`, import.meta.url) });
} catch (error) {
  console.error(error);
  const detail = String(error?.message ?? error);
  dispatchEvent(new CustomEvent("playground-classroom-failed", { detail }));
}
