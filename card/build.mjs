// Bundles the cards into the integration. `node build.mjs FOLDER` writes elsewhere.
import { build, transform } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** Makes styles small, and templates, whose indentation nobody sees. */
const squeezed = {
  name: "squeezed",
  setup({ onLoad }) {
    onLoad({ filter: /src\/\w+\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const parts = text.split(/css`([^`]*)`/);
      for (let styles = 1; styles < parts.length; styles += 2) {
        const { code } = await transform(parts[styles], { loader: "css", minify: true });
        parts[styles] = `css\`${code.trim()}\``;
      }
      const contents = parts
        .join("")
        .replace(/\n\s+/g, "\n");
      return { contents, loader: "ts" };
    });
  },
};

const integration = join(here, "../custom_components/oxicleanarr");
const outfile = join(process.argv[2] ?? join(integration, "frontend"), "oxicleanarr-card.js");

await build({
  absWorkingDir: here,
  entryPoints: ["src/index.ts"],
  outfile,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "external",
  // Only what is private to our classes: nothing outside asks for it by name.
  mangleProps: /^_[a-z]/,
  plugins: [squeezed],
});

// Only now: the names that the build makes up depend on every letter of the source, and
// an address that is set later must change nothing else.
const { documentation } = JSON.parse(await readFile(join(integration, "manifest.json"), "utf8"));
const built = await readFile(outfile, "utf8");
await writeFile(outfile, built.replaceAll("{documentation}", documentation));
