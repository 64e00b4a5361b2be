/** The labels template as it is with rows: what labels are, and nothing of how they are found. */
export const LABELS = `[transforms.{{id}}_out]
type = "remap"
inputs = ["{{input}}"]
source = '''
.nomad = {
  "namespace": "{{namespace}}",
  "node_name": "{{alloc.nodeName}}",
  "job_name": "{{job.id}}",
  "group_name": "{{group.name}}",
  "task_name": "{{task.name}}",
  "alloc_id": "{{alloc.id}}",
  "stream": stream,
}
'''
`;
