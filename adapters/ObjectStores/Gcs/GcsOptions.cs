namespace RealTimeMesh.ObjectStores;

/// <summary>Settings of Google Cloud Storage.</summary>
public sealed record GcsOptions
{
    internal const string DefaultMetadataHost = "metadata.google.internal";

    /// <summary>Host or URL of an emulator, which is asked without credentials. Default none: Google's own.</summary>
    public string? EmulatorHost { get; init; }

    /// <summary>JSON key of a service account, or the file that <c>gcloud auth application-default login</c> writes. Default the machine's service account.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>Host of the metadata server that gives the machine's tokens.</summary>
    public string MetadataHost { get; init; } = DefaultMetadataHost;

    /// <summary>URL of the service. Default <c>https://storage.googleapis.com</c>.</summary>
    public string Endpoint { get; init; } = "https://storage.googleapis.com";
}
