namespace RealTimeMesh.Polyglot.Tests;

/// <summary>The folder of the scripts in the output of this project, and the npm packages that they need.</summary>
internal static class Clients
{
    private static readonly Lazy<Task<string?>> Packages = new(InstallAsync);

    public const string NodeCure = "apt-get install nodejs npm";

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "clients");

    public static string Samples { get; } = Path.Combine(Folder, "samples");

    /// <summary>Null where scripts can run with their packages; otherwise why not.</summary>
    public static async Task<string?> AbsentAsync() =>
        await Programs.AbsentAsync("node", NodeCure) ?? await Programs.AbsentAsync("npm", NodeCure) ?? await Packages.Value;

    /// <summary>Installs once for each content of the lock file.</summary>
    private static async Task<string?> InstallAsync()
    {
        var wanted = await File.ReadAllTextAsync(Path.Combine(Folder, "package-lock.json"));
        var mark = Path.Combine(Folder, "node_modules", ".installed-lock.json");
        if (File.Exists(mark) && await File.ReadAllTextAsync(mark) == wanted)
            return null;
        var result = await Programs.RunAsync("npm", ["ci", "--prefix", Folder, "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]);
        if (result.ExitCode != 0)
            return $"npm could not install the packages of tests/Polyglot: {result.Errors}";
        await File.WriteAllTextAsync(mark, wanted);
        return null;
    }
}
