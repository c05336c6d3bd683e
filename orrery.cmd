@echo off
rem Starts Orrery on Windows: finds Java, builds when the sources changed, runs.
rem Delayed expansion stays off, so that an exclamation mark in an instruction survives; and no path
rem is expanded inside parentheses, as it may contain one.
setlocal EnableExtensions DisableDelayedExpansion
set "HOME_DIR=%~dp0"
if "%HOME_DIR:~-1%"=="\" set "HOME_DIR=%HOME_DIR:~0,-1%"
set "LAUNCH=%HOME_DIR%\target\launch"
set "HEAP=-XX:MaxRAMPercentage=40"
if defined ORRERY_HEAP set "HEAP=-Xmx%ORRERY_HEAP%"

call :find_jdk
if errorlevel 1 exit /b 3

if /i "%~1"=="test" if /i not "%~2"=="--help" goto :tests
if /i "%~1"=="format" if "%~2"=="" goto :format

call :current
if errorlevel 1 call :build
if errorlevel 1 exit /b 3
call :flags
set AOT=
if exist "%LAUNCH%\%NAME%\orrery.aot" set AOT="-XX:AOTCache=%LAUNCH%\%NAME%\orrery.aot" -Xlog:disable -Xlog:all=error:stderr
"%JDK%\bin\java.exe" %AOT% %FLAGS% %ORRERY_JAVA_OPTIONS% "@%LAUNCH%\%NAME%\classpath" dev.orrery.cli.Main %*
exit /b %ERRORLEVEL%

:format
call :maven -q spotless:apply
if errorlevel 1 exit /b 3
exit /b 0

rem --- Java ------------------------------------------------------------------------------------

:find_jdk
if not defined ORRERY_JAVA_HOME goto :any_jdk
call :fits "%ORRERY_JAVA_HOME%" && exit /b 0
echo orrery: ORRERY_JAVA_HOME=%ORRERY_JAVA_HOME% is not a JDK 25 or newer 1>&2
exit /b 1

:any_jdk
if defined JAVA_HOME call :fits "%JAVA_HOME%" && exit /b 0
for /f "delims=" %%j in ('where java 2^>nul') do call :fits "%%~dpj.." && exit /b 0
for %%r in ("%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Java" "%ProgramFiles%\Microsoft" "%ProgramFiles%\Zulu" "%ProgramFiles%\Amazon Corretto" "%LocalAppData%\Programs\Eclipse Adoptium" "%USERPROFILE%\.jdks" "%USERPROFILE%\scoop\apps") do (
    if exist "%%~r" for /d %%j in ("%%~r\*") do (
        call :fits "%%~j" && exit /b 0
        call :fits "%%~j\current" && exit /b 0
    )
)
echo orrery: needs a JDK 25 or newer; get one from https://adoptium.net (or: winget install EclipseAdoptium.Temurin.25.JDK), or set ORRERY_JAVA_HOME 1>&2
exit /b 1

:fits
if not exist "%~1\bin\java.exe" exit /b 1
if not exist "%~1\bin\javac.exe" exit /b 1
if not exist "%~1\release" exit /b 1
set "MAJOR="
for /f "tokens=2 delims==" %%v in ('findstr /b /c:"JAVA_VERSION=" "%~1\release"') do for /f "delims=.-+" %%m in ("%%~v") do set "MAJOR=%%~m"
if not defined MAJOR exit /b 1
if %MAJOR% LSS 25 exit /b 1
set "JDK=%~1"
exit /b 0

rem --- Build -----------------------------------------------------------------------------------

rem The build that runs now is named in target\launch\current; its jars are copies, so that a
rem process that is running keeps its own when the sources are built again.
:current
if not exist "%LAUNCH%\current" exit /b 1
set "NAME="
set "BUILT_WITH="
for /f "usebackq tokens=1,2" %%n in ("%LAUNCH%\current") do set "NAME=%%n" & set "BUILT_WITH=%%o"
if not "%BUILT_WITH%"=="profile=%ORRERY_PROFILE%" exit /b 1
if not exist "%LAUNCH%\%NAME%\classpath" exit /b 1
"%JDK%\bin\java.exe" -Xshare:auto "%HOME_DIR%\.ci\Newer.java" "%HOME_DIR%" "%LAUNCH%\%NAME%\begun"
if errorlevel 1 exit /b 1
set "STAMP="
set /p STAMP=<"%LAUNCH%\%NAME%\commit"
if "%STAMP:+=%"=="%STAMP%" exit /b 0
call :commit
if "%STAMP%"=="%COMMIT%" exit /b 0
exit /b 1

rem The commit of the sources, with +changes where they differ from it.
:commit
set "COMMIT=unknown"
set "CHANGED="
for /f "delims=" %%h in ('git -C "%HOME_DIR%" rev-parse "--short=12" HEAD 2^>nul') do set "COMMIT=%%h"
if "%COMMIT%"=="unknown" exit /b 0
for /f "delims=" %%s in ('git -C "%HOME_DIR%" status --porcelain -- pom.xml .mvn ":(glob)*/pom.xml" ":(glob)*/src/main/**" 2^>nul') do set "CHANGED=+changes"
set "COMMIT=%COMMIT%%CHANGED%"
exit /b 0

:build
if not exist "%LAUNCH%" mkdir "%LAUNCH%"
:lock
mkdir "%LAUNCH%\lock.dir" 2>nul && goto :locked
echo orrery: another build is running; if none is, remove %LAUNCH%\lock.dir 1>&2
ping -n 6 127.0.0.1 >nul
call :current
if not errorlevel 1 exit /b 0
goto :lock

:locked
call :current
if not errorlevel 1 goto :unlock
echo orrery: building (the first time also fetches libraries, some minutes)... 1>&2
set "NAME=build-%RANDOM%%RANDOM%"
set "NEXT=%LAUNCH%\%NAME%"
mkdir "%NEXT%"
type nul > "%NEXT%\begun"
call :commit
>"%NEXT%\commit" echo %COMMIT%
call :maven -q -pl app -am package -DskipTests "-Dorrery.commit=%COMMIT%" > "%LAUNCH%\build.log" 2>&1
if errorlevel 1 goto :failed
copy /y "%HOME_DIR%\app\target\orrery-app-*.jar" "%NEXT%" >nul
if errorlevel 1 goto :failed
copy /y "%HOME_DIR%\app\target\lib\orrery-*.jar" "%NEXT%" >nul
if errorlevel 1 goto :failed
call :classpath
forfiles /p "%LAUNCH%" /m build-* /d -2 /c "cmd /c if @isdir==TRUE rmdir /s /q @path" >nul 2>nul
>"%LAUNCH%\current.new" echo %NAME% profile=%ORRERY_PROFILE%
move /y "%LAUNCH%\current.new" "%LAUNCH%\current" >nul
rem The cache gets its name once it is whole, as another process may be starting meanwhile.
call :flags
"%JDK%\bin\java.exe" "-XX:AOTCacheOutput=%NEXT%\orrery.part" -Xlog:disable %FLAGS% "@%NEXT%\classpath" dev.orrery.cli.Main warm-up >nul 2>&1
if errorlevel 1 goto :uncached
move /y "%NEXT%\orrery.part" "%NEXT%\orrery.aot" >nul 2>nul
:uncached
if exist "%NEXT%\orrery.part" del "%NEXT%\orrery.part"
:unlock
rmdir "%LAUNCH%\lock.dir"
exit /b 0

:failed
findstr /b /l /c:"[ERROR]" "%LAUNCH%\build.log" 1>&2
echo orrery: the build failed; all of it is in target\launch\build.log 1>&2
rmdir /s /q "%NEXT%"
rmdir "%LAUNCH%\lock.dir"
exit /b 1

rem A file of arguments, because a command line has room for 8191 characters only. Inside its quotes
rem a backslash escapes, so paths are written with slashes, and one at the end of a line goes on.
:classpath
>"%NEXT%\classpath" echo -cp "\
for %%j in ("%NEXT%\*.jar") do call :jar "%%~j"
for %%j in ("%HOME_DIR%\app\target\lib\*.jar") do call :foreign "%%~nxj" "%%~j"
rem An empty entry at the end would mean the current folder.
for %%f in ("%NEXT:\=/%") do >>"%NEXT%\classpath" echo  %%~f/end"
exit /b 0

:foreign
set "FILE=%~1"
if /i not "%FILE:~0,7%"=="orrery-" call :jar "%~2"
exit /b 0

:jar
set "FILE=%~1"
for %%f in ("%FILE:\=/%") do >>"%NEXT%\classpath" echo  %%~f;\
exit /b 0

:flags
set FLAGS=%HEAP% -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 -Dorg.bytedeco.javacpp.nopointergc=true -Djava.awt.headless=true "-Dorrery.home=%HOME_DIR%" -Dorrery.terminal=true
exit /b 0

:maven
pushd "%HOME_DIR%"
set "JAVA_HOME=%JDK%"
set "PROFILE="
if defined ORRERY_PROFILE set "PROFILE=-P%ORRERY_PROFILE%"
set "KEPT=%MAVEN_OPTS%"
set "MAVEN_OPTS=%MAVEN_OPTS% --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
call mvnw.cmd %PROFILE% %* <nul
set "RC=%ERRORLEVEL%"
set "MAVEN_OPTS=%KEPT%"
popd
exit /b %RC%

rem --- Tests -----------------------------------------------------------------------------------

:tests
set "GOLDENS="
set "TAGS=slow"
:options
shift
if "%~1"=="" goto :run_tests
if "%~1"=="--slow" goto :slow
if "%~1"=="--goldens" goto :goldens
echo orrery: orrery test has no option %~1; known: --goldens DIR, --slow 1>&2
exit /b 2

:slow
set "TAGS="
goto :options

:goldens
if "%~2"=="" echo orrery: --goldens needs a folder 1>&2
if "%~2"=="" exit /b 2
if not exist "%~f2\" echo orrery: there is no folder %~2 1>&2
if not exist "%~f2\" exit /b 2
set "GOLDENS=%~f2"
shift
goto :options

:run_tests
for /d %%m in ("%HOME_DIR%\*") do if exist "%%~m\target\surefire-reports" rmdir /s /q "%%~m\target\surefire-reports"
call :maven verify -Dmaven.test.failure.ignore=true "-Dorrery.goldens=%GOLDENS%" "-DexcludedTags=%TAGS%"
if errorlevel 1 exit /b 3
"%JDK%\bin\java.exe" "%HOME_DIR%\.ci\TestCounts.java" "%HOME_DIR%"
exit /b %ERRORLEVEL%
