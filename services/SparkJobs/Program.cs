using RealTimeMesh.SparkJobs;

await SparkJobsApp.Build(args).RunAsync();
