namespace RealTimeMesh.Pipelines;

/// <summary>Sources that are files and folders.</summary>
internal static class FileSection
{
    public static readonly string[] FileKeys = ["format", "csv", "onError"];

    public static readonly string[] FolderKeys = [.. FileKeys, "pattern", "recursive", "order", "poll", "settle", "after", "archive", "changed", "tail", "watch"];

    public static SourceDefinition? ReadFile(PipelineContext context, YamlMap map, YamlElement file)
    {
        var path = context.FilePath(file, "a CSV, NDJSON, Parquet or Avro file");
        var text = file.IsText ? file.Text("")! : "";
        var (format, given) = ReadFormat(map);
        if (given is null && FileFormats.Of(text) is null)
            file.Fault($"'{text}', whose extension names no format", string.Join(", ", FileFormats.All), "Set 'format' to one of these.");
        format ??= FileFormats.Of(text);
        if (path is null || format is null || !CheckCompression(file, text, format))
            return null;
        return new SourceDefinition { Name = Path.GetFileName(path), File = path, Format = format, Csv = CsvSection.Read(map, format), OnError = ReadOnError(map) };
    }

    public static SourceDefinition? ReadFolder(PipelineContext context, YamlMap map, YamlElement folder)
    {
        if (folder.Text("the path of a folder") is not { } text)
            return null;
        var path = Path.GetFullPath(Path.Combine(context.Directory, text));
        if (File.Exists(path))
        {
            folder.Fault($"'{text}', which is a file", "a folder", "Write 'file' instead, or correct the path.");
            return null;
        }

        // A folder that is not there yet may come: the running source says so.
        var (format, given) = ReadFormat(map);
        if (given is not null && format is null)
            return null;
        var pattern = map.TryFind("pattern", out var p) ? p.Text("a pattern of file names") ?? "*" : "*";
        var definition = new FolderDefinition
        {
            Path = path,
            Pattern = pattern,
            Recursive = map.Boolean("recursive", pattern.Contains("**", StringComparison.Ordinal) || pattern.Contains('/')),
            Order = map.TryFind("order", out var order) ? Choice<FolderOrder>(order) : FolderOrder.Name,
            Poll = AtLeast(map, "poll", TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5)),
            Settle = map.Duration("settle", TimeSpan.FromSeconds(2)),
            After = map.TryFind("after", out var after) ? Choice<AfterFile>(after) : AfterFile.Keep,
            Changed = map.TryFind("changed", out var changed) ? Choice<ChangedFile>(changed) : ChangedFile.Error,
            Tail = map.Boolean("tail", false),
            Watch = map.Boolean("watch", true),
        };
        if (Check(context, map, ref definition, format, given))
            return new SourceDefinition { Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path)), Folder = definition, Format = format, Csv = CsvSection.Read(map, format), OnError = ReadOnError(map) };
        return null;
    }

    private static bool Check(PipelineContext context, YamlMap map, ref FolderDefinition folder, string? format, YamlElement? given)
    {
        if (map.TryFind("archive", out var archive))
        {
            if (folder.After != AfterFile.Archive)
                archive.Fault("an archive for files that are not moved", "none", "Set 'after: archive', or remove 'archive'.");
            if (archive.Text("the path of a folder") is { } to)
                folder = folder with { Archive = Path.GetFullPath(Path.Combine(context.Directory, to)) };
        }
        else if (folder.After == AfterFile.Archive)
        {
            map.Require("archive", "the folder that read files are moved to");
            return false;
        }

        if (folder.Archive == folder.Path)
        {
            archive!.Fault("the folder itself", "another folder", "Read files would be found again; give the archive a folder of its own.");
            return false;
        }

        if (!folder.Tail)
            return true;
        map.TryFind("tail", out var tail);
        if (format is null || !FileFormats.IsText(format))
        {
            (given ?? tail!).Fault(format is null ? "growing files of no stated format" : $"growing files of format {format}", "csv or ndjson", "Set 'format' to one of these, or remove 'tail'.");
            return false;
        }

        if (folder.After == AfterFile.Keep)
            return true;
        tail!.Fault("growing files that are moved or deleted", "'after: keep'", "Remove 'tail' or 'after'.");
        return false;
    }

    private static (string? Format, YamlElement? Given) ReadFormat(YamlMap map)
    {
        if (!map.TryFind("format", out var given) || given.Text(string.Join(", ", FileFormats.All)) is not { } format)
            return (null, given);
        if (FileFormats.All.Contains(format))
            return (format, given);
        given.Fault($"format '{format}'", string.Join(", ", FileFormats.All), "Set 'format' to one of these.");
        return (null, given);
    }

    private static bool CheckCompression(YamlElement file, string text, string format)
    {
        if (FileFormats.CompressionOf(text) is not { } compression || FileFormats.IsText(format))
            return true;
        file.Fault($"a {format} file compressed with {compression} as a whole", "CSV or NDJSON", "Unpack it: its blocks are compressed within.");
        return false;
    }

    private static FileFaultPolicy ReadOnError(YamlMap map) => map.TryFind("onError", out var policy) ? Choice<FileFaultPolicy>(policy) : FileFaultPolicy.Stop;

    private static TimeSpan AtLeast(YamlMap map, string key, TimeSpan least, TimeSpan otherwise)
    {
        var value = map.Duration(key, otherwise);
        if (value >= least)
            return value;
        map.TryFind(key, out var element);
        element!.Fault($"{value.TotalMilliseconds} ms", $"at least {least.TotalMilliseconds} ms", "Set a longer time.");
        return otherwise;
    }

    /// <summary>A member of an enum, written in lower case.</summary>
    internal static T Choice<T>(YamlElement element)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Select(name => name.ToLowerInvariant()).ToList();
        var expected = $"one of {string.Join(", ", names)}";
        if (element.Text(expected) is not { } text)
            return default;
        if (names.IndexOf(text) is >= 0 and var i)
            return Enum.GetValues<T>()[i];
        var near = Suggestion.For(text, names);
        element.Fault($"'{text}'", expected, near is null ? "Choose one of these." : $"Did you mean '{near}'?");
        return default;
    }
}
