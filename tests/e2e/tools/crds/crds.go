// Package crds pins the modules that hold the custom resource definitions of the kinds which the
// examples use beside Kubernetes' own. It is never built: an import keeps each in go.mod.
package crds

import (
	_ "github.com/bitnami-labs/sealed-secrets/pkg/apis/sealedsecrets/v1alpha1"
	_ "github.com/kedacore/keda/v2/version"
	_ "github.com/prometheus-operator/prometheus-operator/pkg/versionutil"
	_ "sigs.k8s.io/gateway-api/apis/v1"
)
