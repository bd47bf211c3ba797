// Watches that nothing breaks the page's Content-Security-Policy: neither the page nor a
// worker, in any tab of a browser profile.

const MARK = "broke the policy:";

/** Runs in the page before its own scripts. */
function report(mark) {
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) => {
    console.error(`${mark} ${effectiveDirective} ${blockedURI} (${sourceFile}:${lineNumber})`);
  });
}

/** Answers a list to which every violation in this context is added. */
export async function watchPolicy(context) {
  const violations = [];
  await context.addInitScript(report, MARK);
  context.on("console", (message) => {
    const text = message.text();
    // Of a worker only the browser's own words are heard.
    if (text.startsWith(MARK) || /violates the following Content Security Policy/.test(text)) violations.push(text);
  });
  return violations;
}
