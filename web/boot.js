// Starts the page's program, in the person's language. If that fails, explains why; shows errors
// that nothing caught; and registers the service worker, which stores the site for offline use.
// Independent of what the page does. It is a separate file because the page's Content-Security-Policy allows no inline
// scripts. If even this file does not arrive, index.html has a text that explains it.

(() => {
  const script = document.currentScript;
  // The page's folder; `blob:` and `data:` pages have none.
  const here = new URL(".", document.baseURI).href;
  // Milliseconds after which the site is stored for offline use and the texts' terms are explained, so
  // that this does not compete with the page's own first load.
  const LATER = 3000;
  const element = (id) => document.getElementById(id);
  let started = false;
  const refused = [];

  element("fault-reload").addEventListener("click", () => location.reload());
  // That text is only for when this script does not arrive.
  element("boot-help").hidden = true;
  if (isGerman()) {
    element("fault").lang = "de";
    element("fault-what").textContent = "Die Seite ist abgestürzt.";
    element("fault-remedy").textContent = "Lade sie neu, um weiterzumachen. Beendete Läufe sind in diesem Browser gespeichert.";
    element("fault-reload").textContent = "Seite neu laden";
    element("fault-open").textContent = "Seite in einem neuen Tab öffnen";
  }

  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    refused.push({ effectiveDirective, blockedURI });
  });
  addEventListener("error", (event) => {
    if (event instanceof ErrorEvent && isOurs(event.error, event.filename)) broke(event.error ?? event.message);
  });
  addEventListener("unhandledrejection", ({ reason }) => {
    if (isOurs(reason, "")) broke(reason);
  });
  start();

  async function start() {
    const program = new URL(script.dataset.program, document.baseURI).href;
    const wasm = new URL(script.dataset.wasm, document.baseURI).href;
    const outside = surroundings();
    if (outside) return couldNotStart(outside);
    let arriving = program;
    const translated = translate();
    try {
      const { default: init } = await import(program);
      // The browser loads the wasm meanwhile: the entry page preloads it.
      await translated;
      arriving = wasm;
      await init({ module_or_path: wasm });
      started = true;
      setTimeout(workOffline, LATER);
      setTimeout(explainTerms, LATER);
    } catch (error) {
      couldNotStart(await whyNot(arriving, error));
    }
  }

  /**
   * Puts the texts of the person's language in place of the English ones, before the programs
   * take them from the entry page. If they do not arrive, the page is in English.
   */
  async function translate() {
    const texts = element("texts");
    const language = wantedLanguage(offeredLanguages());
    if (!language?.file) return;
    try {
      const response = await fetch(new URL(language.file, document.baseURI));
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      const block = await response.text();
      const { keys, glossary, lessons, worker } = JSON.parse(block);
      if (keys !== JSON.parse(texts.textContent).keys) throw new Error("it is of another build");
      texts.textContent = block;
      for (const [name, file] of Object.entries({ glossary, lessons, "worker-texts": worker })) {
        if (file) document.querySelector(`meta[name=${name}]`).content = file;
      }
      document.documentElement.lang = language.tag;
    } catch (error) {
      console.warn(`The page is in English, because ${language.file} could not be used:`, error);
    }
  }

  /** The languages that the entry page offers (web/scripts/post-build.mjs); English has no file. */
  function offeredLanguages() {
    return (document.querySelector("meta[name=languages]")?.content ?? "").split(";").map((language) => {
      const [tag, file] = language.split(" ");
      return { tag, file };
    });
  }

  /** What the link asks for, else what was chosen on this device, else what the browser prefers. */
  function wantedLanguage(offered) {
    const fragment = location.hash || location.search;
    const wanted = [new URLSearchParams(fragment.slice(1)).get("lang"), keptLanguage(), ...navigator.languages];
    const find = (name) => {
      const [language] = (name ?? "").toLowerCase().split("-");
      return offered.find(({ tag }) => tag === language);
    };
    return wanted.map(find).find(Boolean);
  }

  /** What was chosen on this device (src/ui/language.rs), where the browser stores anything. */
  function keptLanguage() {
    try {
      return localStorage.getItem(`imagenette-playground ${new URL(here).pathname} language`);
    } catch {
      return null;
    }
  }

  /** The messages of this script are in its two languages, because they must work without the texts. */
  function say(english, german) {
    return isGerman() ? german : english;
  }

  function isGerman() {
    return wantedLanguage(offeredLanguages())?.tag === "de";
  }

  /** Why the page cannot start in the place where it was opened, if so. */
  function surroundings() {
    if (location.protocol === "file:") {
      return {
        cause: say("It was opened from a folder.", "Sie wurde aus einem Ordner geöffnet."),
        remedy: say("It needs a web server: “make serve” starts one.", "Sie braucht einen Webserver: „make serve“ startet einen."),
      };
    }
    if (origin === "null") {
      return {
        cause: say(
          "It is in a frame that is sandboxed without an origin (allow-same-origin is missing), so nothing can be loaded or stored.",
          "Sie ist in einem Frame mit „sandbox“ ohne Origin (allow-same-origin fehlt), der nichts laden oder speichern kann.",
        ),
        remedy: say("Open the page in a new tab.", "Öffne die Seite in einem neuen Tab."),
        open: true,
      };
    }
    if (typeof WebAssembly !== "object") {
      return {
        cause: say(
          "WebAssembly does not work here: this browser is too old, or WebAssembly is blocked.",
          "WebAssembly funktioniert hier nicht: Dieser Browser ist zu alt, oder WebAssembly ist blockiert.",
        ),
        remedy: say(
          "Update the browser, or allow WebAssembly for this site.",
          "Aktualisiere den Browser oder erlaube WebAssembly für diese Website.",
        ),
      };
    }
    return null;
  }

  /** Why one of the page's files could not be used. */
  async function whyNot(url, error) {
    const name = decodeURIComponent(url.slice(url.lastIndexOf("/") + 1));
    const again = say(
      "Reload the page. If that does not help, tell the site’s operator.",
      "Lade die Seite neu. Wenn das nicht hilft, sag es dem Betreiber der Website.",
    );
    const response = await fetch(url).catch(() => null);
    // The browser reports what a policy blocked a moment later.
    await new Promise((resolve) => setTimeout(resolve));
    const rule = refused.find(({ blockedURI }) => blockedURI === url || blockedURI === "wasm-eval");
    if (rule) {
      return {
        cause: say(
          `A Content-Security-Policy of the host forbids ${name} (${rule.effectiveDirective}).`,
          `Eine Content-Security-Policy des Hosts verbietet ${name} (${rule.effectiveDirective}).`,
        ),
        remedy: say(
          "The site’s operator finds the policy that the page needs in docs/hosting.md.",
          "Welche die Seite braucht, findet der Betreiber der Website in docs/hosting.md.",
        ),
      };
    }
    if (!response) {
      return {
        cause: say(
          `${name} did not arrive: there is no connection, or a content blocker blocked it.`,
          `${name} ist nicht angekommen: Es gibt keine Verbindung, oder ein Werbeblocker hat die Datei blockiert.`,
        ),
        remedy: say(
          "Check the connection, allow this site in the content blocker, and reload the page.",
          "Prüfe die Verbindung, erlaube diese Website im Werbeblocker und lade die Seite neu.",
        ),
      };
    }
    if (!response.ok) {
      const gone = response.status === 404 || response.status === 410;
      return {
        cause: say(
          `The server answered ${response.status} to ${name}${gone ? ": the site was updated or copied incompletely" : ""}.`,
          `Der Server hat bei ${name} mit ${response.status} geantwortet${gone ? ": Die Website wurde unvollständig aktualisiert oder kopiert" : ""}.`,
        ),
        remedy: again,
      };
    }
    const type = (response.headers.get("content-type") ?? "").split(";")[0].trim();
    const wanted = name.endsWith(".wasm") ? "application/wasm" : "text/javascript";
    if (type !== wanted && !(wanted === "text/javascript" && /^(text|application)\/(x-)?(java|ecma)script$/.test(type))) {
      return {
        cause: say(
          `The server sent ${name} as ${type || "a file of no type"} instead of ${wanted}.`,
          `Der Server hat ${name} als ${type || "Datei ohne Typ"} statt als ${wanted} geschickt.`,
        ),
        remedy: say(
          "The address of the page must end in a slash; if it does, the server has to send that type.",
          "Die Adresse der Seite muss mit einem Schrägstrich enden; wenn sie das tut, muss der Server diesen Typ schicken.",
        ),
      };
    }
    return { cause: describe(error), remedy: again };
  }

  function couldNotStart({ cause, remedy, open = false }) {
    element("fault-what").textContent = say("The page could not start.", "Die Seite konnte nicht starten.");
    element("fault-remedy").textContent = remedy;
    element("fault-open").href = location.href;
    element("fault-open").hidden = !open;
    element("fault-reload").hidden = open;
    broke(cause);
    document.querySelector(".boot")?.setAttribute("hidden", "");
  }

  function broke(cause) {
    const text = describe(cause);
    // The browser reports these about layout; they are harmless.
    if (text.startsWith("ResizeObserver loop")) return;
    element("fault-cause").textContent = text;
    element("fault").hidden = false;
  }

  function describe(cause) {
    return String(cause?.message ?? cause ?? "").slice(0, 300);
  }

  /**
   * Whether this page threw it. Extensions run scripts in every page, and a reload does not help
   * against their errors. The script that threw tells them apart.
   */
  function isOurs(error, file) {
    const thrown = String(error?.stack ?? "").match(/[a-z][a-z0-9+.-]*:\/\/[^\s)]+/gi) ?? [];
    const message = String(error?.message ?? "");
    const place = thrown.find((url) => !message.includes(url)) ?? file;
    return place.startsWith(here) || place.startsWith("wasm://");
  }

  function explainTerms() {
    const { content } = document.querySelector("meta[name=terms]");
    import(new URL(content, document.baseURI)).catch((error) => console.info("the terms are not explained:", error));
  }

  async function workOffline() {
    const container = navigator.serviceWorker;
    // Missing over plain http and in some private windows: the page then works online only.
    if (!started || !container) return;
    container.addEventListener("message", ({ data }) => {
      if (typeof data?.notKept !== "string") return;
      element("offline-cause").textContent = data.notKept;
      element("offline-fault").hidden = false;
    });
    container.startMessages();
    try {
      await container.register(new URL("sw.js", document.baseURI));
    } catch (error) {
      console.info("not stored for offline use:", error);
    }
  }
})();
