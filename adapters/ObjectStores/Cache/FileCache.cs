using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RealTimeMesh.ObjectStores.Cache;

/// <summary>
/// Copies of immutable objects on this machine, shared by all its processes: named by endpoint, URI and size, the least recently used deleted first.
/// Whoever reads a file has a link to it in a workspace of his own, so that no deletion takes it from him.
/// </summary>
internal sealed class FileCache
{
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];
    private readonly long _bytes;
    private readonly string _files;
    private readonly string _leases;
    private readonly string _stages;
    private readonly string _endpoint;
    private readonly TimeProvider _time;

    /// <param name="endpoint">Of the store, whose URIs do not name it.</param>
    public FileCache(ObjectStoreOptions options, string endpoint, TimeProvider time)
    {
        var folder = Path.GetFullPath(options.CacheFolder);
        (_bytes, _endpoint, _time) = ((long)options.CacheMiB << 20, endpoint, time);
        (_files, _leases, _stages) = (Path.Combine(folder, "files"), Path.Combine(folder, "leases"), Path.Combine(folder, "stages"));
        Workspace.Sweep(_leases);
        Workspace.Sweep(_stages);
    }

    public Workspace OpenLease() => Workspace.Create(_leases);

    public Workspace OpenStage() => Workspace.Create(_stages);

    /// <summary>Throws where files of one scan are more than the cache may hold.</summary>
    public void RequireRoom(string table, long bytes)
    {
        if (bytes > _bytes)
        {
            throw new ObjectStoreException(table, string.Create(CultureInfo.InvariantCulture,
                $"the data files to read have {bytes >> 20:N0} MiB; expected at most {_bytes >> 20:N0} MiB, the size of the cache; set MESH_LAKE_CACHE_MIB higher, or read fewer files by a predicate on what the files are divided by."));
        }
    }

    /// <summary>A file in the workspace: linked, or downloaded first. Null where the object is gone.</summary>
    public async Task<string?> GetAsync(Workspace lease, string uri, long size, Func<string, CancellationToken, Task<bool>> download, CancellationToken cancellationToken)
    {
        var name = NameOf(uri, size);
        var (entry, path) = (EntryOf(name), Path.Combine(lease.Folder, name));
        if (TryLink(entry, path, size))
            return path;
        // Two queries of this process that want one file download it once; two processes may do so twice.
        var gate = _gates[(uint)name.GetHashCode(StringComparison.Ordinal) % _gates.Length];
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (TryLink(entry, path, size))
                return path;
            var partial = path + ".partial";
            if (!await download(partial, cancellationToken))
                return null;
            File.Move(partial, path);
            Enter(path, entry);
            return path;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Keeps a file that was just written, for those who will read it.</summary>
    public void Add(string path, string uri, long size) => Enter(path, EntryOf(NameOf(uri, size)));

    /// <summary>Deletes what was used longest ago until the rest is no more than the cache may hold. What is in use stays.</summary>
    public void Trim()
    {
        if (!Directory.Exists(_files))
            return;
        // Other processes delete too: what is known of a file is what the listing told.
        var files = new DirectoryInfo(_files).EnumerateFiles("*", SearchOption.AllDirectories).Select(Described).OfType<Entry>().ToList();
        var total = files.Sum(file => file.Length);
        if (total <= _bytes)
            return;
        var used = Workspace.Living(_leases).SelectMany(NamesIn).ToHashSet(StringComparer.Ordinal);
        foreach (var file in files.OrderBy(file => file.UsedAt))
        {
            if (total <= _bytes)
                return;
            if (used.Contains(file.Name))
                continue;
            File.Delete(file.Path);
            total -= file.Length;
        }
    }

    private static Entry? Described(FileInfo file)
    {
        try
        {
            return new Entry(file.FullName, file.Name, file.Length, file.LastWriteTimeUtc);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static IEnumerable<string> NamesIn(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file))];
        }
        catch (DirectoryNotFoundException)
        {
            // Its work ended meanwhile.
            return [];
        }
    }

    /// <summary>A name that says where the file is from, and cannot be another's.</summary>
    private string NameOf(string uri, long size)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_endpoint}\n{uri}\n{size}")));
        var own = string.Concat(uri[(uri.LastIndexOf('/') + 1)..].Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));
        return $"{Convert.ToHexStringLower(hash)}-{(own.Length > 120 ? own[^120..] : own)}";
    }

    private string EntryOf(string name) => Path.Combine(_files, name[..2], name);

    private bool TryLink(string entry, string path, long size)
    {
        switch (HardLinks.TryLink(entry, path))
        {
            case LinkResult.NameTaken:
                // One scan may read a file twice, as two versions of it.
                return true;
            case LinkResult.NoFile:
                return false;
            default:
                // A disk that was full or a power cut may have left a torn copy.
                if (new FileInfo(path).Length != size)
                {
                    File.Delete(path);
                    File.Delete(entry);
                    return false;
                }

                File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
                return true;
        }
    }

    private void Enter(string path, string entry)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(entry)!);
        File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
        _ = HardLinks.TryLink(path, entry);
        Trim();
    }

    private sealed record Entry(string Path, string Name, long Length, DateTime UsedAt);
}
