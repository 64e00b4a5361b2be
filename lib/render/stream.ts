/**
 * The component between a source and a profile's transform. It notes the stream in the event's metadata, which neither a
 * line nor `. = parse_json!(.message)` can reach, so that the labels still know it. What else the file source says of
 * itself is of use to nobody: the path is that of nvl's own link, the host is the node, which is a label. `namesMarks`: the profile says something
 * under `.nvl`, which the labels then keep.
 */
export const streamComponent = ({ id, namesMarks }: { id: string; namesMarks: boolean }): string =>
  `[transforms.${id}_stream]
type = "remap"
inputs = ["${id}"]
source = '''
%nvl.stream = if split(string(.file) ?? "", ".")[-2] == "stderr" { "stderr" } else { "stdout" }${namesMarks ? '\n%nvl.keeps_marks = true' : ''}
del(.file)
del(.host)
del(.source_type)
'''`;
