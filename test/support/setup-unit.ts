import './programs.ts';
import { isolate } from './isolate.ts';

// After the programs were looked for: a test that needs a real one is handed its path.
isolate({ isAlone: true });
