using System.Text;
using System.Text.RegularExpressions;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>Which files of a folder are meant. Names that begin with a dot or underscore, and <c>.tmp</c> and <c>.part</c> files, are being written by convention.</summary>
internal sealed class FilePattern
{
    private static readonly string[] Unfinished = [".tmp", ".part"];

    private readonly Regex _pattern;
    private readonly bool _ofPath;

    public FilePattern(FolderDefinition folder)
    {
        _ofPath = folder.Pattern.Contains('/');
        // Without backtracking, so that no pattern and name together take long.
        _pattern = new Regex(Translate(folder.Pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    public static bool IsIgnored(ReadOnlySpan<char> name)
    {
        if (name.Length == 0 || name[0] is '.' or '_')
            return true;
        foreach (var extension in Unfinished)
        {
            if (name.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <param name="path">Path below the folder, with slashes.</param>
    public bool Matches(string path) => _pattern.IsMatch(_ofPath ? path : path[(path.LastIndexOf('/') + 1)..]);

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder("^");
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when i + 1 < pattern.Length && pattern[i + 1] == '*':
                    i++;
                    // "**/" stands for no folder as well.
                    if (i + 1 < pattern.Length && pattern[i + 1] == '/')
                    {
                        regex.Append("(?:.*/)?");
                        i++;
                    }
                    else
                    {
                        regex.Append(".*");
                    }

                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append("[^/]");
                    break;
                default:
                    regex.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return regex.Append('$').ToString();
    }
}
