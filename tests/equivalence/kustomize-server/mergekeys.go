package main

import (
	"strings"

	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// mergeKeys tells, for each kind in kustomize's schema, which lists a strategic-merge patch merges
// by key: "spec.ports" -> ["port", "protocol"], without marks for the items on the way.
func mergeKeys() map[string]map[string][]string {
	openapi.SchemaForResourceType(yaml.TypeMeta{APIVersion: "v1", Kind: "Pod"})
	found := map[string]map[string][]string{}
	for _, definition := range openapi.Schema().Definitions {
		kinds, ok := definition.Extensions["x-kubernetes-group-version-kind"].([]interface{})
		if !ok {
			continue
		}
		for _, each := range kinds {
			kind := each.(map[string]interface{})
			meta := yaml.TypeMeta{APIVersion: kind["version"].(string), Kind: kind["kind"].(string)}
			if group, _ := kind["group"].(string); group != "" {
				meta.APIVersion = group + "/" + meta.APIVersion
			}
			lists := map[string][]string{}
			collect(openapi.SchemaForResourceType(meta), nil, lists)
			found[meta.APIVersion+" "+meta.Kind] = lists
		}
	}
	return found
}

// collect notes the keyed lists below schema; 20 steps are more than any kind has without the
// recursion of JSON schemas.
func collect(schema *openapi.ResourceSchema, path []string, lists map[string][]string) {
	if schema == nil || len(path) > 20 || recursive(path) {
		return
	}
	if items := schema.Elements(); items != nil {
		collect(items, path, lists)
	}
	strategy, keys := schema.PatchStrategyAndKeyList()
	for _, each := range strings.Split(strategy, ",") {
		if each == "merge" && schema.Elements() != nil {
			lists[strings.Join(path, ".")] = append([]string{}, keys...)
		}
	}
	for name := range schema.Schema.Properties {
		collect(schema.Field(name), append(path[:len(path):len(path)], name), lists)
	}
}

// recursive says whether path is inside the schema of a CustomResourceDefinition, which holds itself.
func recursive(path []string) bool {
	return len(path) > 0 && path[len(path)-1] == "openAPIV3Schema"
}
