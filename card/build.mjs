// Bundles the cards into the integration. `node build.mjs FOLDER` writes elsewhere.
import { build, transform } from "esbuild";
import { readFile } from "node:fs/promises";
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

await build({
  absWorkingDir: here,
  entryPoints: ["src/index.ts"],
  outfile: join(
    process.argv[2] ?? join(here, "../custom_components/oxicleanarr/frontend"),
    "oxicleanarr-card.js",
  ),
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
