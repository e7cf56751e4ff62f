using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.Running;

/// <summary>The one folder under which everything is stored. Held by one host at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string MarkerName = "mesh.json";
    private const string LockName = "host.lock";
    private const string OwnerName = "host.pid";
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    /// <summary>Creates, checks and locks the folder. Throws <see cref="RealTimeMeshException"/> where it cannot be written, is in use or, with <paramref name="fresh"/>, was not made by the mesh.</summary>
    public static DataFolder Open(string path, bool fresh)
    {
        try
        {
            Directory.CreateDirectory(path);
            var held = Lock(path);
            if (fresh)
                Empty(path);
            var marker = System.IO.Path.Combine(path, MarkerName);
            if (!File.Exists(marker))
                File.WriteAllText(marker, """{"format":1,"what":"data of a RealTimeMesh host; delete the folder to start anew"}""" + "\n");
            return new DataFolder(path, held);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new RealTimeMeshException($"data folder '{path}': {exception.Message}; expected a folder that can be written, on a disk with room. Free space, mend its permissions, or name another with --data.", exception);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        var file = System.IO.Path.Combine(path, LockName);
        try
        {
            var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            // Beside the lock, which nobody else can read.
            File.WriteAllText(System.IO.Path.Combine(path, OwnerName), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return held;
        }
        catch (IOException exception) when (IsLocked(file))
        {
            throw new RealTimeMeshException($"data folder '{path}' is in use by the host with process id {Owner(path)}; expected one host for a folder. Stop it, or name another folder with --data.", exception);
        }
    }

    private static bool IsLocked(string file)
    {
        try
        {
            using var probe = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return File.Exists(file);
        }
    }

    private static string Owner(string path)
    {
        var file = System.IO.Path.Combine(path, OwnerName);
        return File.Exists(file) ? File.ReadAllText(file) : "unknown";
    }

    private static void Empty(string path)
    {
        var entries = Directory.GetFileSystemEntries(path).Where(entry => System.IO.Path.GetFileName(entry) is not (LockName or OwnerName)).ToList();
        if (entries.Count > 0 && !File.Exists(System.IO.Path.Combine(path, MarkerName)))
            throw new RealTimeMeshException($"--fresh: folder '{path}' holds {entries.Count} entries and no {MarkerName}; expected a data folder of the mesh. Empty it yourself, or name another with --data.");
        foreach (var entry in entries)
        {
            if (Directory.Exists(entry))
                Directory.Delete(entry, recursive: true);
            else
                File.Delete(entry);
        }
    }
}
