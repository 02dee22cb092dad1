import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/optimistic/index.ts'],
  format: ['esm'],
  // `tsc -p tsconfig.build.json` writes the declarations: TypeScript 7 has no compiler API for tsup's own.
  dts: false,
  splitting: true,
  sourcemap: true,
  clean: true,
  treeshake: true,
});
