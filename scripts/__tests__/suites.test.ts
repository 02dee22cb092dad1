import { expect, it } from 'vitest';
import config from '../../vite.config.ts';
import { suites } from '../test/suites.ts';

it('npm test runs every vitest project of the root', () => {
  const projects = (config.test?.projects ?? []).map((project) =>
    typeof project === 'object' && 'test' in project ? project.test?.name : project,
  );
  expect(new Set(suites.map(({ name }) => name))).toEqual(new Set(projects));
});
