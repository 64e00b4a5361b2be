import { Document, isMap, isScalar, isSeq, Scalar } from 'yaml';
import type { RunCase } from '../profile-test/session.ts';
import { TEST_YAML } from '../profile-test/test-yaml.ts';

/** The text of a test file with these cases, which do not say yet what comes of their lines. Pure. */
export const caseText = ({ cases, comment }: { cases: readonly RunCase[]; comment: string }): string => {
  const document = new Document(cases.map(plainCase), TEST_YAML);
  document.commentBefore = comment
    .split('\n')
    .map((line) => ` ${line}`)
    .join('\n');
  if (isSeq(document.contents)) {
    for (const [index, item] of document.contents.items.entries()) {
      if (!isMap(item)) continue;
      item.spaceBefore = index > 0;
      const lines = item.get('lines', true);
      // In quotes a line stands as it is, whatever it holds.
      if (isSeq(lines)) for (const line of lines.items) if (isScalar(line)) line.type = Scalar.QUOTE_DOUBLE;
    }
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
};

const plainCase = ({ name, task, params, stream, bytes }: RunCase) => ({
  name,
  task: Object.fromEntries(Object.entries(task).filter(([, value]) => value !== undefined)),
  ...(Object.keys(params).length === 0 ? {} : { params }),
  ...(stream === 'stdout' ? {} : { stream }),
  lines: bytes.toString('utf8').replace(/\n$/, '').split('\n'),
});
