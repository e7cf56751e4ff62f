using System.ComponentModel;
using System.Diagnostics;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary>A folder as it was at a revision, copied to a temporary one.</summary>
internal sealed class GitTree : IDisposable
{
    private GitTree(string folder, string path) => (_folder, Path) = (folder, path);

    private readonly string _folder;

    /// <summary>The copy of the folder that was asked for.</summary>
    public string Path { get; }

    /// <summary>Throws <see cref="ContractException"/> with git's words where it cannot be had.</summary>
    public static async Task<GitTree> CheckOutAsync(string path, string revision, CancellationToken cancellationToken)
    {
        var top = (await RunAsync(path, ["rev-parse", "--show-toplevel"], null, cancellationToken)).Trim();
        var prefix = (await RunAsync(path, ["rev-parse", "--show-prefix"], null, cancellationToken)).Trim();
        // A revision that looked like an option would be one.
        await RunAsync(path, ["rev-parse", "--verify", "--quiet", "--end-of-options", $"{revision}^{{commit}}"], $"no revision '{revision}'", cancellationToken);
        var folder = Directory.CreateTempSubdirectory("contracts-").FullName;
        try
        {
            var archive = System.IO.Path.Combine(folder, "archive.tar");
            await RunAsync(top, ["archive", "--format=tar", $"--output={archive}", revision, .. prefix.Length > 0 ? (string[])[prefix] : []], null, cancellationToken);
            await System.Formats.Tar.TarFile.ExtractToDirectoryAsync(archive, folder, overwriteFiles: true, cancellationToken);
            File.Delete(archive);
            return new GitTree(folder, System.IO.Path.Combine(folder, prefix));
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string> RunAsync(string folder, string[] arguments, string? fault, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("git", ["-C", folder, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? output : throw new ContractException($"git, in {folder}: found {fault ?? (await errors).Trim()}; expected a revision of a repository that holds this folder. Correct --against.");
        }
        catch (Win32Exception e)
        {
            throw new ContractException($"git: found no such program ({e.Message}); expected one for --against git:. Install git.", e);
        }
    }
}
