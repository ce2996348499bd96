// Command kustomize-server builds Kustomize folders for the property tests, many in one process.
//
// It reads one JSON document after the other from standard input,
//
//	{"files": {"overlays/x/kustomization.yaml": "..."}, "target": "overlays/x"}
//
// and answers each with one line on standard output: {"objects": [...]} or {"error": "..."}.
// {"mergeKeys": true} asks for what the strategic-merge patches of this kustomize know of lists.
//
// An error stays with its case. Files live in memory; nothing is read from or written to disk.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

type request struct {
	Files     map[string]string `json:"files"`
	Target    string            `json:"target"`
	MergeKeys bool              `json:"mergeKeys"`
}

type answer struct {
	Objects   []json.RawMessage              `json:"objects"`
	MergeKeys map[string]map[string][]string `json:"mergeKeys,omitempty"`
	Error     string                         `json:"error,omitempty"`
}

func build(asked request) (answer, error) {
	if asked.MergeKeys {
		return answer{MergeKeys: mergeKeys()}, nil
	}
	folder := filesys.MakeFsInMemory()
	for path, text := range asked.Files {
		if err := folder.WriteFile("/"+path, []byte(text)); err != nil {
			return answer{}, err
		}
	}
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionLegacy // as the program does
	kustomizer := krusty.MakeKustomizer(options)
	built, err := kustomizer.Run(folder, "/"+asked.Target)
	if err != nil {
		return answer{}, err
	}
	objects := []json.RawMessage{}
	for _, resource := range built.Resources() {
		// The program prints objects through this same JSON, so the values are what users get.
		object, err := resource.MarshalJSON()
		if err != nil {
			return answer{}, err
		}
		objects = append(objects, object)
	}
	return answer{Objects: objects}, nil
}

func main() {
	requests := json.NewDecoder(bufio.NewReader(os.Stdin))
	output := bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(output)
	for requests.More() {
		var asked request
		if err := requests.Decode(&asked); err != nil {
			log.Fatal(err)
		}
		given, err := build(asked)
		if err != nil {
			given = answer{Error: err.Error()}
		}
		if err := answers.Encode(given); err != nil {
			log.Fatal(err)
		}
		if err := output.Flush(); err != nil {
			log.Fatal(err)
		}
	}
}
