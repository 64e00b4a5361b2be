/**
 * The component between a source and a profile's transform. It notes the stream in the event's metadata, which neither a
 * line nor `. = parse_json!(.message)` can reach, so that the labels still know it.
 */
export const streamComponent = (id: string): string =>
  `[transforms.${id}_stream]
type = "remap"
inputs = ["${id}"]
source = '''
%nvl.stream = if match(string(.file) ?? "", r'\\.stderr\\.[0-9]+$') { "stderr" } else { "stdout" }
'''`;
