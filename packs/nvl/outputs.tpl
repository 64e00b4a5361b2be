nvl runs on each node of [[ var "datacenters" . | toStringList ]] as the job [[ var "job_name" . | quote ]].

What it says:            nomad alloc logs -stderr -job [[ var "job_name" . ]]
Under access control:    nomad acl policy apply -namespace [[ if var "namespace" . ]][[ var "namespace" . ]][[ else ]]default[[ end ]] -job [[ var "job_name" . ]] nvl jobspecs/acl-policy.hcl
