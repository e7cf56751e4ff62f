namespace RealTimeMesh.Components;

/// <summary><c>secretstores.local.file</c>: secrets in a JSON file, read once at the start.</summary>
public sealed class LocalFileSecretStoreType : IComponentType
{
    public string Name => "secretstores.local.file";

    public IReadOnlyList<ComponentSetting> Settings { get; } =
    [
        new("secretsFile"),
        new("nestedSeparator"),
        new("multiValued"),
    ];

    public bool AcceptsUnknownSettings => true;

    public async Task<IAsyncDisposable> StartAsync(ComponentSpec spec, ComponentContext context, CancellationToken cancellationToken)
    {
        var file = spec.Text("secretsFile", "");
        if (file.Length == 0)
            throw new SecretStoreException("missing local secrets file in metadata");
        var multiValued = spec.Boolean("multiValued", false);
        var secrets = new SecretFileReader(spec.Text("nestedSeparator", ":")).Read(await ReadAsync(file, cancellationToken).ConfigureAwait(false), multiValued);
        return new LocalFileSecretStore(secrets, multiValued);
    }

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SecretStoreException($"open {file}: no such file or directory", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SecretStoreException(Directory.Exists(file) ? $"read {file}: is a directory" : $"open {file}: permission denied", e);
        }
        catch (IOException e)
        {
            throw new SecretStoreException($"read {file}: {e.Message}", e);
        }
    }
}
