import { z } from 'zod';
import { configSchema } from '../../lib/config/schema.ts';
import { profileSchema } from '../../lib/context/profile-settings.ts';

/** JSON Schemas for editors, of what a person writes: durations are strings there. Pure; a test holds the files to them. */
export const jsonSchemas = (): Readonly<Record<string, object>> => ({
  'nvl.schema.json': { title: 'nvl.yaml', ...z.toJSONSchema(configSchema, { io: 'input' }) },
  'profile.schema.json': { title: 'profile.yaml', ...z.toJSONSchema(profileSchema, { io: 'input' }) },
});
