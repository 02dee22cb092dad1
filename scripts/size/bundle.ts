import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type BuildFailure } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Imports = Readonly<Record<string, readonly string[]>>;

export interface Bundle {
  /** Minified and gzipped, as a server would send it. */
  readonly bytes: number;
  /** The files whose code is in the bundle, relative to the repo. */
  readonly files: readonly string[];
}

/** An app that imports these names and uses every one, so that nothing is shaken away. */
function entry(imports: Imports): string {
  const lines = Object.entries(imports).map(
    ([from, names]) => `import { ${names.join(', ')} } from '${from}';`,
  );
  const used = Object.values(imports).flat();
  return `${lines.join('\n')}\nglobalThis.app = [${used.join(', ')}];\n`;
}

/**
 * Bundles what an app would, without React, from the packages' sources or from their builds.
 * Gives `undefined` when an entry does not exist; a name that an entry lacks is an error.
 */
export async function bundle(
  imports: Imports,
  from: 'source' | 'dist',
): Promise<Bundle | undefined> {
  try {
    const { outputFiles, metafile } = await build({
      // The playground depends on every package, so it resolves them all as an app does.
      stdin: { contents: entry(imports), resolveDir: join(root, 'playground'), loader: 'ts' },
      absWorkingDir: root,
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      conditions: from === 'source' ? ['@hipponot/source'] : [],
      external: ['react', 'react/*', 'react-dom', 'react-dom/*'],
      define: { 'process.env.NODE_ENV': '"production"' },
      metafile: true,
      write: false,
      outfile: 'app.js',
      logLevel: 'silent',
    });
    const output = Object.values(metafile.outputs)[0];
    const files = Object.entries(output?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 && file !== '<stdin>' ? [file] : [],
    );
    const text = outputFiles[0]?.contents ?? new Uint8Array();
    return { bytes: gzipSync(text, { level: 9 }).byteLength, files };
  } catch (error) {
    const { errors } = error as BuildFailure;
    const isAbsent =
      errors?.length > 0 &&
      errors.every(
        ({ text, location }) =>
          location?.file === '<stdin>' && text.startsWith('Could not resolve "@hipponot/'),
      );
    if (isAbsent) return undefined;
    throw error;
  }
}

const forbidden =
  /node_modules\/(zod|valibot|arktype|@trpc\/server|inversify)\/|packages\/(pubsub-(?:server|adapters|devtools|testing))\//;

/** What has no business in a client bundle and is there: schema libraries, anything of a server. */
export function intruders(files: readonly string[]): Set<string> {
  return new Set(
    files.flatMap((file) => {
      const match = forbidden.exec(file);
      return match ? [match[1] ?? match[2] ?? file] : [];
    }),
  );
}
