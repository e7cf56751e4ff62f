using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>Reads a Resiliency document. Numbers where a text belongs are texts; other types are refused in Go's words.</summary>
internal static class ResiliencyReader
{
    public const string Kind = "Resiliency";

    public static string? KindOf(YamlTree document) => (document as YamlMap)?.Find("kind") is YamlText { IsNull: false } kind ? kind.Text : null;

    /// <exception cref="ResourceTypeException">A field has a type that it cannot have.</exception>
    public static ResiliencyDocument Read(YamlTree document)
    {
        var root = Map(document, "", "Resiliency", "Resiliency");
        var metadata = Child(root, "metadata", "metadata", "Resiliency", "v1.ObjectMeta");
        var spec = Child(root, "spec", "spec", "Resiliency", "v1alpha1.ResiliencySpec");
        var policies = Child(spec, "policies", "spec.policies", "ResiliencySpec", "v1alpha1.Policies");
        var targets = Child(spec, "targets", "spec.targets", "ResiliencySpec", "v1alpha1.Targets");
        return new ResiliencyDocument
        {
            Name = Text(metadata, "name", "metadata", "ObjectMeta"),
            Namespace = Text(metadata, "namespace", "metadata", "ObjectMeta"),
            Scopes = Scopes(root),
            Timeouts = Entries(policies, "timeouts", "spec.policies", "Policies", (value, path) => TextOf(value, path, "Policies")),
            Retries = Entries(policies, "retries", "spec.policies", "Policies", Retry),
            CircuitBreakers = Entries(policies, "circuitBreakers", "spec.policies", "Policies", Breaker),
            Apps = Entries(targets, "apps", "spec.targets", "Targets", (value, path) => Target(value, path, "EndpointPolicyNames")),
            Actors = Entries(targets, "actors", "spec.targets", "Targets", (value, path) => Target(value, path, "ActorPolicyNames")),
            Components = Entries(targets, "components", "spec.targets", "Targets", Component),
        };
    }

    private static RetryText Retry(YamlTree value, string path)
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

    private static BreakerText Breaker(YamlTree value, string path)
    {
        const string Struct = "CircuitBreaker";
        var map = Map(value, path, "Policies", "v1alpha1.CircuitBreaker");
        return new BreakerText(Integer(map, "maxRequests", path, Struct) ?? 0, Text(map, "interval", path, Struct), Text(map, "timeout", path, Struct), Text(map, "trip", path, Struct));
    }

    private static TargetText Target(YamlTree value, string path, string type)
    {
        var map = Map(value, path, "Targets", "v1alpha1." + type);
        return new TargetText(
            Text(map, "timeout", path, type),
            Text(map, "retry", path, type),
            Text(map, "circuitBreaker", path, type),
            Text(map, "circuitBreakerScope", path, type),
            Integer(map, "circuitBreakerCacheSize", path, type) ?? 0);
    }

    private static ComponentTargetText Component(YamlTree value, string path)
    {
        var map = Map(value, path, "Targets", "v1alpha1.ComponentPolicyNames");
        return new ComponentTargetText(Flow("inbound"), Flow("outbound"));

        TargetText Flow(string name) => map?.Find(name) is { } flow ? Target(flow, $"{path}.{name}", "PolicyNames") : TargetText.Empty;
    }

    private static List<string> Scopes(YamlMap? root) => root?.Find("scopes") switch
    {
        null or YamlText { IsNull: true } => [],
        YamlList list => [.. list.Items.Select(item => TextOf(item, "scopes", "Resiliency"))],
        var other => throw Fault(other, "scopes", "Resiliency", "[]string"),
    };

    private static Dictionary<string, T> Entries<T>(YamlMap? parent, string name, string path, string type, Func<YamlTree, string, T> read)
    {
        var full = $"{path}.{name}";
        var entries = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var (key, value) in Child(parent, name, full, type, "map")?.Fields ?? new Dictionary<string, YamlTree>())
            entries[key] = read(value, full);
        return entries;
    }

    private static YamlMap? Child(YamlMap? parent, string name, string path, string type, string expected) =>
        parent?.Find(name) is { } child ? Map(child, path, type, expected) : null;

    private static YamlMap? Map(YamlTree node, string path, string type, string expected) => node switch
    {
        YamlMap map => map,
        YamlText { IsNull: true } => null,
        _ => throw Fault(node, path, type, expected),
    };

    private static string Text(YamlMap? parent, string name, string path, string type) =>
        parent?.Find(name) is { } value ? TextOf(value, $"{path}.{name}", type) : "";

    private static string TextOf(YamlTree value, string path, string type) => value switch
    {
        YamlText { IsNull: true } => "",
        YamlText text => text.Text,
        _ => throw Fault(value, path, type, "string"),
    };

    private static long? Integer(YamlMap? parent, string name, string path, string type) => parent?.Find(name) switch
    {
        null or YamlText { IsNull: true } => null,
        YamlText { IsPlain: true } text when long.TryParse(text.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        var other => throw Fault(other, $"{path}.{name}", type, "int"),
    };

    private static ResourceTypeException Fault(YamlTree found, string path, string type, string expected)
    {
        var word = found switch
        {
            YamlMap => "object",
            YamlList => "array",
            YamlText { IsPlain: true, Text: "true" or "false" } => "bool",
            YamlText { IsPlain: true } text when double.TryParse(text.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) => "number " + text.Text,
            _ => "string",
        };
        var place = path.Length == 0 ? "Go value" : $"Go struct field {type}.{path}";
        return new ResourceTypeException($"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {word} into {place} of type {expected}");
    }
}

/// <summary>A field of a resource has a type that it cannot have.</summary>
internal sealed class ResourceTypeException(string message) : RealTimeMeshException(message);
