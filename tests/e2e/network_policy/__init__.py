"""A controller that enforces NetworkPolicies, for the test cluster: a stand-in for a CNI's.

A cluster's network plugin enforces them; none of those can be had here. This one knows one node,
IPv4, and pods that are on one bridge of it. It keeps what Kubernetes promises
(https://kubernetes.io/docs/concepts/services-networking/network-policies/); where the page leaves
a choice:

- What a policy forbids is refused (ICMP "administratively prohibited", "No route to host"), so that
  a test sees it at once. Most plugins drop it, and the client waits.
- A connection once made lasts, whatever policies come.
- As soon as there is a policy, what goes between a new pod and others is dropped until the
  controller knows the pod, up to a second after its start; TCP tries again. Its DNS is not held up.
- ``ipBlock`` means pods' addresses, too; a Service's address means nothing, since what arrives goes
  to a pod's.
- Pods of the host's network are the node, which every pod reaches and which reaches every pod.

``ruleset`` computes the firewall rules, ``api`` watches the API server, ``__main__`` is the loop
between it and nft(8).
"""
