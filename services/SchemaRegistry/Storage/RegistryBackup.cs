using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry.Storage;

/// <summary>Copies of a registry: its log up to an entry's end, which can be taken while it runs.</summary>
internal static class RegistryBackup
{
    /// <summary>The finished entries of a folder's log.</summary>
    public static byte[] Read(string folder)
    {
        var path = Path.Combine(folder, SchemaLog.FileName);
        if (!File.Exists(path))
            return [];

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes[..(Array.LastIndexOf(bytes, (byte)'\n') + 1)];
    }

    /// <summary>Writes a copy; returns how many entries it has.</summary>
    public static int Backup(string folder, string target)
    {
        var bytes = Read(folder);
        var entries = Check(target, bytes);
        var draft = target + ".new";
        using (var file = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, target, overwrite: true);
        return entries;
    }

    /// <summary>Makes a copy the registry of a folder that has none, or (<paramref name="replace"/>) in place of its own; no process may run on it.</summary>
    public static int Restore(string folder, string source, bool replace, ILogger logger)
    {
        var bytes = File.ReadAllBytes(source);
        var entries = Check(source, bytes);
        Directory.CreateDirectory(folder);
        using var held = SchemaLog.TryOpen(folder, _ => { }, logger)
            ?? throw new ContractException($"schema registry: {folder} is in use by a running registry; expected none. Stop it, then restore again.");
        var path = Path.Combine(folder, SchemaLog.FileName);
        if (new FileInfo(path).Length > 0 && !replace)
            throw new ContractException($"schema registry: {path} has entries; expected an empty registry. Give --replace to put the copy in its place.");

        var draft = path + ".new";
        using (var file = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
        return entries;
    }

    private static int Check(string path, byte[] bytes)
    {
        var state = new RegistryState();
        var good = SchemaLog.Read(path, bytes, 1, tornTail: false, state.Apply, out var entries);
        return good == bytes.Length
            ? entries
            : throw new ContractException($"schema registry: {path} ends within an entry; expected a whole copy. Take the copy anew.");
    }
}
