import { describe, expect, it } from 'vitest';
import { manifestProblems } from '../check/packed.ts';

const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
const source = {
  name: '@hipponot/pubsub-core',
  exports: { '.': { '@hipponot/source': './src/index.ts', default: './dist/index.js' } },
  publishConfig: { exports },
};
const packed = { name: source.name, exports };

describe('a packed package', () => {
  it('has the published exports', () => {
    expect(manifestProblems(source, packed, ['package/dist/index.js'])).toEqual([]);
  });

  it('never has the source condition', () => {
    expect(manifestProblems(source, { ...packed, exports: source.exports }, [])).toEqual([
      'the packed exports are not those of publishConfig',
      'the packed exports hold the source condition',
    ]);
  });

  it('names real versions of its neighbours', () => {
    const dependencies = { '@hipponot/pubsub-client': 'workspace:*', uuid: '14.0.3' };
    expect(manifestProblems(source, { ...packed, dependencies }, [])).toEqual([
      'the packed dependency @hipponot/pubsub-client is workspace:*',
    ]);
  });

  it('holds no tests, no sources and no leftovers of a build', () => {
    const files = ['src/a.ts', 'dist/__tests__/a.js', 'dist/tsconfig.tsbuildinfo', 'dist/a.js'];
    expect(
      manifestProblems(
        source,
        packed,
        files.map((file) => `package/${file}`),
      ),
    ).toHaveLength(3);
  });
});
