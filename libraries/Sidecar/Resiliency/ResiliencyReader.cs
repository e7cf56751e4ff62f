using System.Globalization;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>Reads a Resiliency document. Numbers where a text belongs are texts; other types are refused in Go's words.</summary>
internal static class ResiliencyReader
{
    public const string Kind = "Resiliency";

    /// <exception cref="ResourceTypeException">A field has a type that it cannot have.</exception>
    public static ResiliencyDocument Read(ResourceDocument document)
    {
        var spec = Child(document.Root, "spec", "spec", "Resiliency", "v1alpha1.ResiliencySpec");
        var policies = Child(spec, "policies", "spec.policies", "ResiliencySpec", "v1alpha1.Policies");
        var targets = Child(spec, "targets", "spec.targets", "ResiliencySpec", "v1alpha1.Targets");
        return new ResiliencyDocument
        {
            Name = document.Name,
            Namespace = document.Namespace,
            Scopes = document.Scopes,
            Timeouts = Entries(policies, "timeouts", "spec.policies", "Policies", (value, path) => TextOf(value, path, "Policies")),
            Retries = Entries(policies, "retries", "spec.policies", "Policies", Retry),
            CircuitBreakers = Entries(policies, "circuitBreakers", "spec.policies", "Policies", Breaker),
            Apps = Entries(targets, "apps", "spec.targets", "Targets", (value, path) => Target(value, path, "EndpointPolicyNames")),
            Actors = Entries(targets, "actors", "spec.targets", "Targets", (value, path) => Target(value, path, "ActorPolicyNames")),
            Components = Entries(targets, "components", "spec.targets", "Targets", Component),
        };
    }

    private static RetryText Retry(ResourceNode value, string path)
    {
        var map = Map(value, path, "Policies", "v1alpha1.Retry");
        var matching = Child(map, "matching", path + ".matching", "Retry", "v1alpha1.RetryMatching");
        return new RetryText(
            Text(map, "policy", path, "Retry"),
            Text(map, "duration", path, "Retry"),
            Text(map, "maxInterval", path, "Retry"),
            Integer(map, "maxRetries", path, "Retry"),
            Text(matching, "httpStatusCodes", path + ".matching", "RetryMatching"),
            Text(matching, "gRPCStatusCodes", path + ".matching", "RetryMatching"));
    }

    private static BreakerText Breaker(ResourceNode value, string path)
    {
        const string Struct = "CircuitBreaker";
        var map = Map(value, path, "Policies", "v1alpha1.CircuitBreaker");
        return new BreakerText(Integer(map, "maxRequests", path, Struct) ?? 0, Text(map, "interval", path, Struct), Text(map, "timeout", path, Struct), Text(map, "trip", path, Struct));
    }

    private static TargetText Target(ResourceNode value, string path, string type)
    {
        var map = Map(value, path, "Targets", "v1alpha1." + type);
        return new TargetText(
            Text(map, "timeout", path, type),
            Text(map, "retry", path, type),
            Text(map, "circuitBreaker", path, type),
            Text(map, "circuitBreakerScope", path, type),
            Integer(map, "circuitBreakerCacheSize", path, type) ?? 0);
    }

    private static ComponentTargetText Component(ResourceNode value, string path)
    {
        var map = Map(value, path, "Targets", "v1alpha1.ComponentPolicyNames");
        return new ComponentTargetText(Flow("inbound"), Flow("outbound"));

        TargetText Flow(string name) => map?.Find(name) is { } flow ? Target(flow, $"{path}.{name}", "PolicyNames") : TargetText.Empty;
    }

    private static Dictionary<string, T> Entries<T>(ResourceNode? parent, string name, string path, string type, Func<ResourceNode, string, T> read)
    {
        var full = $"{path}.{name}";
        var entries = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var (key, value) in Child(parent, name, full, type, "map")?.Entries ?? [])
            entries[key] = read(value, full);
        return entries;
    }

    private static ResourceNode? Child(ResourceNode? parent, string name, string path, string type, string expected) =>
        parent?.Find(name) is { } child ? Map(child, path, type, expected) : null;

    private static ResourceNode? Map(ResourceNode node, string path, string type, string expected) => node.Kind switch
    {
        ResourceNodeKind.Map => node,
        ResourceNodeKind.Null => null,
        _ => throw Fault(node, path, type, expected),
    };

    private static string Text(ResourceNode? parent, string name, string path, string type) =>
        parent?.Find(name) is { } value ? TextOf(value, $"{path}.{name}", type) : "";

    private static string TextOf(ResourceNode value, string path, string type) =>
        value.IsScalar || value.Kind == ResourceNodeKind.Null ? value.Text : throw Fault(value, path, type, "string");

    private static long? Integer(ResourceNode? parent, string name, string path, string type) => parent?.Find(name) switch
    {
        null => null,
        { Kind: ResourceNodeKind.Number } number when long.TryParse(number.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => value,
        var other => throw Fault(other, $"{path}.{name}", type, "int"),
    };

    private static ResourceTypeException Fault(ResourceNode found, string path, string type, string expected)
    {
        var word = found.Kind switch
        {
            ResourceNodeKind.Map => "object",
            ResourceNodeKind.List => "array",
            ResourceNodeKind.Boolean => "bool",
            ResourceNodeKind.Number => "number " + found.Text,
            _ => "string",
        };
        return new ResourceTypeException($"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {word} into Go struct field {type}.{path} of type {expected}");
    }
}

/// <summary>A field of a resource has a type that it cannot have.</summary>
internal sealed class ResourceTypeException(string message) : RealTimeMeshException(message);
