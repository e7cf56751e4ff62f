using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Outbox;
using RealTimeMesh.Sidecar.State;

namespace RealTimeMesh.Sidecar;

/// <summary>A state store with what its component's settings say to the runtime: key prefix, encryption, outbox.</summary>
internal sealed class StateComponent(ComponentSpec spec, IStateStore store, SidecarOptions options)
{
    public const string Separator = "||";

    private readonly string _prefix = Prefix(spec, options);
    private readonly StateEncryption? _encryption = StateEncryption.Of(spec);

    public string Name => spec.Name;

    public IStateStore Store => store;

    public bool IsEncrypted => _encryption is not null;

    /// <summary>Null where the component has none.</summary>
    public OutboxSettings? Outbox { get; } = OutboxSettings.Of(spec);

    /// <summary>The store's key of an app's key.</summary>
    public string Key(string key) => _prefix + key;

    /// <summary>A value as it goes into the store.</summary>
    public ReadOnlyMemory<byte> Seal(in StateValue value) => _encryption is null ? value.Stored : _encryption.Encrypt(value.Text.Span);

    /// <summary>An item as callers see it. Throws <see cref="StateEncryptionException"/>.</summary>
    public StateItem? Open(StateItem? item) => _encryption is null || item is null ? item : item with { Value = _encryption.Decrypt(item.Value.Span) };

    /// <summary>Setting <c>keyPrefix</c>: <c>appid</c> (default), <c>name</c>, <c>namespace</c>, <c>none</c> or a text of its own, which counts in lower case.</summary>
    private static string Prefix(ComponentSpec spec, SidecarOptions options)
    {
        var strategy = spec.Metadata.TryGetValue("keyPrefix", out var value) ? value.ToLowerInvariant() : "appid";
        if (strategy.Contains(Separator, StringComparison.Ordinal))
            throw new ArgumentException($"failed to save lock keyprefix: api error: code = InvalidArgument desc = input key/keyPrefix '{strategy}' can't contain '{Separator}'");
        // The namespace counts only where the environment names one.
        var isNamespaced = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NAMESPACE"));
        return strategy switch
        {
            "appid" => options.AppId + Separator,
            "name" => spec.Name + Separator,
            "namespace" => (isNamespaced ? $"{options.Namespace}.{options.AppId}" : options.AppId) + Separator,
            "none" => "",
            _ => strategy + Separator,
        };
    }
}
