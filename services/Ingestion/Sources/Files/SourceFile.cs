namespace RealTimeMesh.Ingestion.Sources.Files;

internal static class SourceFile
{
    public static FileStream Open(string path)
    {
        // The system says "access denied" of a folder, which sends people the wrong way.
        if (Directory.Exists(path))
            throw new SourceException($"file '{path}': found a folder; expected a file. Correct the path, or declare a 'folder'.");
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.SequentialScan);
    }
}
