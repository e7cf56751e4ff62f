using System.Security.Cryptography;
using System.Text;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Answers of a registry as files, for a start while it is out. One folder per registry address: ids of one registry mean
/// nothing to another. What cannot be read or written is told and done without.
/// </summary>
internal sealed class RegistryDisk
{
    private readonly string? _folder;
    private readonly Action<string, Exception>? _onFault;

    public RegistryDisk(SchemaRegistryOptions options)
    {
        _onFault = options.OnCacheFault;
        _folder = options.CachePath is { } path ? Path.Combine(path, Hash(options.Url.AbsoluteUri)[..16]) : null;
    }

    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public bool Has(string name) => _folder is not null && File.Exists(Path.Combine(_folder, name));

    public byte[]? Read(string name)
    {
        if (!Has(name))
            return null;

        try
        {
            return File.ReadAllBytes(Path.Combine(_folder!, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _onFault?.Invoke($"{Path.Combine(_folder!, name)} cannot be read", e);
            return null;
        }
    }

    public void Write(string name, byte[] content)
    {
        if (_folder is null)
            return;

        var path = Path.Combine(_folder, name);
        try
        {
            Directory.CreateDirectory(_folder);
            // Whole or not at all, whoever else writes the same.
            var temporary = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _onFault?.Invoke($"{path} cannot be written", e);
        }
    }
}
